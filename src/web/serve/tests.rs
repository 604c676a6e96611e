use axum::routing::{get, post};
use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::*;

/// Longer than anything here takes: a test that waits for it has failed.
const SOON: Duration = Duration::from_secs(10);

struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

fn limits() -> ServeLimits {
    ServeLimits { uncounted: vec![], connections_per_address: 0, ..ServeLimits::of(&Config::default()) }
}

/// More than both socket buffers hold.
const BIG: usize = 64 * 1024 * 1024;

async fn start(limits: ServeLimits) -> Server {
    let (started, gate) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let router = Router::new()
        .route("/", get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() }))
        .route("/echo", post(|body: Bytes| async { body }))
        .route("/panic", get(|| async { panic!("a secret inside") as &'static str }))
        .route("/big", get(|| async { vec![0; BIG] }))
        .route(
            "/slow",
            get({
                let (started, gate) = (Arc::clone(&started), Arc::clone(&gate));
                || async move {
                    started.add_permits(1);
                    gate.acquire().await.unwrap().forget();
                    "at last"
                }
            }),
        )
        // What /slow waits for, and what tells that it waits.
        .route("/open", get(|| async move { gate.add_permits(1) }))
        .route("/started", get(|| async move { started.acquire().await.unwrap().forget() }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(serve(listener, router, limits, async { drop(stopped.await) }, async {}));
    Server { address, stop, task }
}

impl Server {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

/// Sends `request` as it stands.
async fn say(stream: &mut TcpStream, request: &str) {
    stream.write_all(request.as_bytes()).await.unwrap();
}

/// Everything until the server closes. A reset counts as an end.
async fn rest(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let _ = timeout(SOON, stream.read_to_end(&mut all)).await.expect("the server closes");
    String::from_utf8_lossy(&all).into_owned()
}

/// One request on a connection that stays open; the answer's status.
async fn ask(stream: &mut TcpStream, path: &str) -> u16 {
    say(stream, &format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n")).await;
    let mut answer = Vec::new();
    let mut byte = [0];
    while !answer.ends_with(b"\r\n\r\n") {
        timeout(SOON, stream.read_exact(&mut byte)).await.expect("an answer").unwrap();
        answer.push(byte[0]);
    }
    let answer = String::from_utf8(answer).unwrap();
    let length = answer.split("content-length: ").nth(1).map_or("0", |rest| rest.split("\r\n").next().unwrap());
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_head_that_does_not_come_to_an_end_is_cut_off_and_others_do_not_feel_it() {
    let server = start(ServeLimits { header_timeout: Duration::from_millis(200), ..limits() }).await;
    let mut drip = server.connect().await;
    let mut silent = server.connect().await;
    say(&mut drip, "GET / HTTP/1.1\r\nHost: te").await;
    let mut other = server.connect().await;
    assert_eq!(ask(&mut other, "/").await, 200);
    let last = rest(&mut drip).await;
    assert!(last.is_empty() || last.starts_with("HTTP/1.1 408"), "{last}");
    assert_eq!(rest(&mut silent).await, "");
}

#[tokio::test]
async fn oversized_heads_are_answered_431() {
    let server = start(limits()).await;
    let mut canary = server.connect().await;
    assert_eq!(ask(&mut canary, "/").await, 200);

    let mut long = server.connect().await;
    say(&mut long, &format!("GET / HTTP/1.1\r\nHost: test\r\nX: {}\r\n\r\n", "x".repeat(20_000))).await;
    assert!(rest(&mut long).await.starts_with("HTTP/1.1 431 "));

    let mut many = server.connect().await;
    say(&mut many, &format!("GET / HTTP/1.1\r\nHost: test\r\n{}\r\n", "X: y\r\n".repeat(200))).await;
    assert!(rest(&mut many).await.starts_with("HTTP/1.1 431 "));

    let mut nonsense = server.connect().await;
    say(&mut nonsense, "\x16\x03\x01 this is TLS, or something else\r\n\r\n").await;
    assert!(rest(&mut nonsense).await.starts_with("HTTP/1.1 400 "));

    assert_eq!(ask(&mut canary, "/").await, 200);
}

#[tokio::test]
async fn a_panic_ends_one_request_and_shows_nothing() {
    let server = start(limits()).await;
    let mut canary = server.connect().await;
    assert_eq!(ask(&mut canary, "/").await, 200);
    let mut stream = server.connect().await;
    say(&mut stream, "GET /panic HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").await;
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
    assert!(!answer.contains("secret"), "{answer}");
    assert_eq!(ask(&mut canary, "/").await, 200);
    assert_eq!(ask(&mut canary, "/panic").await, 500);
    assert_eq!(ask(&mut canary, "/").await, 200);
}

#[tokio::test]
async fn beyond_the_limit_is_503_until_somebody_leaves() {
    let server = start(ServeLimits { connections: 2, ..limits() }).await;
    let (mut first, mut second) = (server.connect().await, server.connect().await);
    assert_eq!(ask(&mut first, "/").await, 200);
    assert_eq!(ask(&mut second, "/").await, 200);
    let mut third = server.connect().await;
    say(&mut third, "GET / HTTP/1.1\r\nHost: test\r\n\r\n").await;
    let answer = rest(&mut third).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.ends_with("\r\n\r\nThe server is full. Try again shortly."), "{answer}");

    // `rest` returns when the server has let go of the connection; its place is free a moment later at most.
    say(&mut first, "GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").await;
    assert!(rest(&mut first).await.starts_with("HTTP/1.1 200 "));
    let answered = async {
        loop {
            let mut fourth = server.connect().await;
            say(&mut fourth, "GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").await;
            if rest(&mut fourth).await.starts_with("HTTP/1.1 200 ") {
                break;
            }
        }
    };
    timeout(SOON, answered).await.expect("a place");
    assert_eq!(ask(&mut second, "/").await, 200);
}

#[tokio::test]
async fn one_address_does_not_take_all_places() {
    let server = start(ServeLimits { connections_per_address: 1, ..limits() }).await;
    let mut first = server.connect().await;
    assert_eq!(ask(&mut first, "/").await, 200);
    assert!(rest(&mut server.connect().await).await.starts_with("HTTP/1.1 503 "));
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = socket.connect(server.address).await.unwrap();
    assert_eq!(ask(&mut other, "/").await, 200);
}

#[tokio::test]
async fn what_keeps_a_guard_keeps_the_place() {
    let (kept, mut keep) = tokio::sync::mpsc::channel(1);
    let router = Router::new().route(
        "/",
        get(|axum::Extension(guard): axum::Extension<ConnectionGuard>| async move { kept.try_send(guard).unwrap() }),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let limits = ServeLimits { connections: 1, ..limits() };
    let serving = tokio::spawn(serve(listener, router, limits, std::future::pending(), async {}));
    let mut stream = TcpStream::connect(address).await.unwrap();
    say(&mut stream, "GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").await;
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 200 "));
    let guard = keep.recv().await.unwrap();
    assert!(rest(&mut TcpStream::connect(address).await.unwrap()).await.starts_with("HTTP/1.1 503 "));
    drop(guard);
    serving.abort();
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_off() {
    let server = start(ServeLimits { stall_limit: Duration::from_millis(500), connections: 1, ..limits() }).await;
    let mut deaf = server.connect().await;
    say(&mut deaf, "GET /big HTTP/1.1\r\nHost: test\r\n\r\n").await;
    let free = async {
        // Each try is refused at once as long as the place is taken.
        while !rest_of_request(&server).await.starts_with("HTTP/1.1 200 ") {}
    };
    timeout(SOON, free).await.expect("its place is free again");
}

async fn rest_of_request(server: &Server) -> String {
    let mut stream = server.connect().await;
    let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").await;
    rest(&mut stream).await
}

#[tokio::test]
async fn a_client_that_goes_away_in_the_middle_is_forgotten() {
    let server = start(ServeLimits { connections: 2, ..limits() }).await;
    let mut canary = server.connect().await;
    assert_eq!(ask(&mut canary, "/").await, 200);
    for half in ["", "GET", "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nhalf"] {
        let mut stream = server.connect().await;
        say(&mut stream, half).await;
        stream.shutdown().await.unwrap();
        rest(&mut stream).await;
    }
    let free = async { while !rest_of_request(&server).await.starts_with("HTTP/1.1 200 ") {} };
    timeout(SOON, free).await.expect("their places are free again");
    assert_eq!(ask(&mut canary, "/").await, 200);
}

#[tokio::test]
async fn at_the_end_running_requests_finish_and_idle_connections_close() {
    let server = start(limits()).await;
    let mut unused = server.connect().await;
    let mut idle = server.connect().await;
    assert_eq!(ask(&mut idle, "/").await, 200);
    let mut slow = server.connect().await;
    say(&mut slow, "GET /slow HTTP/1.1\r\nHost: test\r\n\r\n").await;
    let mut helper = server.connect().await;
    assert_eq!(ask(&mut helper, "/started").await, 200);
    // The helper's last request opens the gate; with it under way, the end begins.
    server.stop.send(()).unwrap();
    assert_eq!(rest(&mut idle).await, "");
    assert_eq!(rest(&mut unused).await, "");
    assert!(TcpStream::connect(server.address).await.is_err(), "nothing new is let in");
    assert!(!server.task.is_finished());
    drop(slow);
    timeout(SOON, server.task).await.expect("the end").unwrap();
}

#[tokio::test]
async fn an_answer_under_way_is_finished_after_the_signal() {
    let server = start(limits()).await;
    let mut slow = server.connect().await;
    say(&mut slow, "GET /slow HTTP/1.1\r\nHost: test\r\n\r\n").await;
    let mut opener = server.connect().await;
    assert_eq!(ask(&mut opener, "/started").await, 200);
    say(&mut opener, "GET /slow HTTP/1.1\r\nHost: test\r\n\r\n").await;
    let mut helper = server.connect().await;
    assert_eq!(ask(&mut helper, "/started").await, 200);
    assert_eq!(ask(&mut helper, "/open").await, 200);
    assert_eq!(ask(&mut helper, "/open").await, 200);
    server.stop.send(()).unwrap();
    for stream in [&mut slow, &mut opener] {
        let answer = rest(stream).await;
        assert!(answer.ends_with("at last"), "{answer}");
    }
    timeout(SOON, server.task).await.expect("the end").unwrap();
}

#[tokio::test]
async fn what_does_not_end_is_cut_off() {
    let server = start(ServeLimits { shutdown_timeout: Duration::from_millis(100), ..limits() }).await;
    let mut slow = server.connect().await;
    say(&mut slow, "GET /slow HTTP/1.1\r\nHost: test\r\n\r\n").await;
    let mut helper = server.connect().await;
    assert_eq!(ask(&mut helper, "/started").await, 200);
    server.stop.send(()).unwrap();
    timeout(SOON, server.task).await.expect("the end").unwrap();
    assert_eq!(rest(&mut slow).await, "");
}

#[test]
fn only_errors_of_one_connection_are_passed_over_without_rest() {
    let error = |number| io::Error::from_raw_os_error(number);
    // Linux: ECONNABORTED, EINTR; EMFILE, ENFILE, ENOMEM.
    assert!([103, 4].into_iter().all(|number| is_of_one_connection(&error(number))));
    assert!(![24, 23, 12].into_iter().any(|number| is_of_one_connection(&error(number))));
}
