// Every server of the bench takes --listen host:port and prints its address when it listens.
export function listen(http) {
  const at = process.argv.indexOf("--listen");
  const [host, port] = (at < 0 ? "127.0.0.1:0" : process.argv[at + 1]).split(":");
  http.listen({ host, port: Number(port), backlog: 4096 }, () => {
    console.log(`http://${http.address().address}:${http.address().port}`);
  });
}
