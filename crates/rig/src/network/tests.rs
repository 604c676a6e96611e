use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::fate::Direction;
use super::*;

/// Connections as the server sees them.
struct Far {
    address: SocketAddr,
    accepted: mpsc::Receiver<TcpStream>,
}

async fn far() -> Far {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, accepted) = mpsc::channel(16);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if tell.send(stream).await.is_err() {
                return;
            }
        }
    });
    Far { address, accepted }
}

/// A connection through the network, seen from both ends, over which something was said already.
async fn connected(line: &Line, far: &mut Far) -> (TcpStream, TcpStream) {
    let mut client = TcpStream::connect(line.address()).await.unwrap();
    client.write_all(b"hi").await.unwrap();
    let mut server = far.accepted.recv().await.unwrap();
    assert_eq!(heard(&mut server, 2).await, b"hi");
    (client, server)
}

async fn heard(stream: &mut TcpStream, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    stream.read_exact(&mut bytes).await.unwrap();
    bytes
}

/// How what is heard ends: `Ok` with a FIN.
async fn end(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut bytes)).await.unwrap().map(|_| bytes)
}

const SHORT: Duration = Duration::from_millis(500);

#[tokio::test]
async fn in_fair_weather_everything_arrives_and_ends_are_passed_on() {
    let mut far = far().await;
    let network = Network::new(far.address, Weather::fair(1));
    let line = network.line().await.unwrap();
    let (mut client, mut server) = connected(&line, &mut far).await;
    client.shutdown().await.unwrap();
    assert_eq!(end(&mut server).await.unwrap(), b"");
    server.write_all(b"still here").await.unwrap();
    server.shutdown().await.unwrap();
    assert_eq!(end(&mut client).await.unwrap(), b"still here");
    assert_eq!((network.opened(), network.outages()), (1, 0));
}

#[tokio::test]
async fn delays_and_odd_pieces_change_no_byte() {
    let mut far = far().await;
    let weather = Weather { delay: Duration::from_millis(3), ..Weather::fair(3) };
    let network = Network::new(far.address, weather);
    let line = network.line().await.unwrap();
    let bytes: Vec<u8> = (0..200_000_u32).map(|n| (n * 7 % 251) as u8).collect();
    let mut in_pieces = 0;
    for number in 0..8 {
        in_pieces += u32::from(weather.fate(0, number).pieces.is_some());
        let (mut client, mut server) = connected(&line, &mut far).await;
        let (mut hear, mut say) = client.split();
        let (said, echoed) = tokio::join!(
            async {
                say.write_all(&bytes).await.unwrap();
                say.shutdown().await.unwrap();
                let mut back = Vec::new();
                hear.read_to_end(&mut back).await.unwrap();
                back
            },
            async {
                let all = end(&mut server).await.unwrap();
                server.write_all(&all).await.unwrap();
                server.shutdown().await.unwrap();
                all
            }
        );
        assert!(said == bytes && echoed == bytes, "connection {number}");
    }
    assert!((1..8).contains(&in_pieces), "some of them travel in pieces: {in_pieces}");
}

#[tokio::test]
async fn a_reset_is_felt_at_once_on_both_sides_and_refuses_for_its_time() {
    let mut far = far().await;
    let network = Network::new(far.address, Weather::fair(1));
    let (line, other) = (network.line().await.unwrap(), network.line().await.unwrap());
    let (mut client, mut server) = connected(&line, &mut far).await;
    let (mut safe, mut safe_server) = connected(&other, &mut far).await;
    line.out(Way::Reset, SHORT);
    assert!(end(&mut client).await.is_err() && end(&mut server).await.is_err());
    let mut early = TcpStream::connect(line.address()).await.unwrap();
    assert!(end(&mut early).await.is_err(), "nobody is let in");
    // Who is let in hears nothing; who is not, a reset.
    while {
        let mut again = TcpStream::connect(line.address()).await.unwrap();
        tokio::time::timeout(SHORT / 10, again.read_u8()).await.is_ok()
    } {}
    safe.write_all(b"other").await.unwrap();
    assert_eq!(heard(&mut safe_server, 5).await, b"other", "the other line is not touched");
}

#[tokio::test]
async fn cutting_all_lets_everybody_come_back() {
    let mut far = far().await;
    let network = Network::new(far.address, Weather::fair(1));
    let lines = [network.line().await.unwrap(), network.line().await.unwrap()];
    let mut streams = Vec::new();
    for line in &lines {
        streams.push(connected(line, &mut far).await);
    }
    network.cut_all();
    for (client, server) in &mut streams {
        assert!(end(client).await.is_err() && end(server).await.is_err());
    }
    for line in &lines {
        connected(line, &mut far).await;
    }
    assert_eq!((network.opened(), network.outages()), (4, 2));
}

#[tokio::test]
async fn a_close_is_a_fin_to_both() {
    let mut far = far().await;
    let network = Network::new(far.address, Weather::fair(1));
    let line = network.line().await.unwrap();
    let (mut client, mut server) = connected(&line, &mut far).await;
    line.out(Way::Close, SHORT);
    assert_eq!((end(&mut client).await.unwrap(), end(&mut server).await.unwrap()), (vec![], vec![]));
}

#[tokio::test]
async fn half_of_a_connection_can_be_closed_and_the_other_goes_on_for_a_while() {
    let mut far = far().await;
    let network = Network::new(far.address, Weather::fair(1));
    let line = network.line().await.unwrap();
    let (mut client, mut server) = connected(&line, &mut far).await;
    line.out(Way::HalfClose(Direction::Server), SHORT);
    assert_eq!(end(&mut server).await.unwrap(), b"");
    server.write_all(b"half").await.unwrap();
    assert_eq!(heard(&mut client, 4).await, b"half");
    assert!(end(&mut client).await.is_err(), "in the end it is reset");
}

#[tokio::test]
async fn one_direction_swallows_what_travels_there() {
    let mut far = far().await;
    let network = Network::new(far.address, Weather::fair(1));
    let line = network.line().await.unwrap();
    let (mut client, mut server) = connected(&line, &mut far).await;
    line.out(Way::Swallow(Direction::Client), SHORT);
    // Only a moment later the network has heard of it; what the client says arrives all the time.
    client.write_all(b"there").await.unwrap();
    assert_eq!(heard(&mut server, 5).await, b"there");
    server.write_all(b"back").await.unwrap();
    assert!(end(&mut client).await.is_err(), "it hears nothing but the reset");
}

#[tokio::test]
async fn what_travels_in_the_direction_that_goes_on_has_no_hole() {
    let mut far = far().await;
    let network = Network::new(far.address, Weather { delay: Duration::from_millis(20), ..Weather::fair(2) });
    let bytes: Vec<u8> = (0..400_000_u32).map(|n| (n * 7 % 251) as u8).collect();
    for (silent, goes_on) in [(Direction::Client, "there"), (Direction::Server, "back")] {
        let line = network.line().await.unwrap();
        let (mut client, mut server) = connected(&line, &mut far).await;
        let (say, hear) = if goes_on == "there" { (&mut client, &mut server) } else { (&mut server, &mut client) };
        let say = async {
            let _ = say.write_all(&bytes).await;
        };
        let hear = async {
            let mut heard = vec![0; 50_000];
            hear.read_exact(&mut heard).await.unwrap();
            line.out(Way::Swallow(silent), SHORT);
            // However it ends: the line is reset in the end.
            let _ = hear.read_to_end(&mut heard).await;
            heard
        };
        let ((), heard) = tokio::join!(say, hear);
        assert!(heard.len() > 50_000 && bytes.starts_with(&heard), "{goes_on}: {} bytes", heard.len());
    }
}

#[tokio::test]
async fn a_black_hole_takes_everything_and_the_connections_that_come() {
    let mut far = far().await;
    let network = Network::new(far.address, Weather::fair(1));
    let line = network.line().await.unwrap();
    let (mut client, mut server) = connected(&line, &mut far).await;
    line.out(Way::BlackHole, SHORT);
    tokio::task::yield_now().await;
    let mut late = TcpStream::connect(line.address()).await.unwrap();
    late.write_all(b"anybody?").await.unwrap();
    client.write_all(b"lost").await.unwrap();
    server.write_all(b"lost").await.unwrap();
    for stream in [&mut client, &mut server, &mut late] {
        assert!(end(stream).await.is_err());
    }
    assert!(far.accepted.try_recv().is_err(), "the late one never reached the server");
    connected(&line, &mut far).await;
}

#[tokio::test]
async fn a_connection_is_broken_by_its_own_fate() {
    let far = far().await;
    let weather = Weather { break_after: Some(SHORT), broken_for: SHORT, ..Weather::fair(5) };
    let network = Network::new(far.address, weather);
    let line = network.line().await.unwrap();
    let mut clients = Vec::new();
    for _ in 0..6 {
        clients.push(TcpStream::connect(line.address()).await.unwrap());
    }
    for client in &mut clients {
        // Some end with a FIN, most with a reset; all of them end.
        let _ = end(client).await;
    }
    assert_eq!(network.opened(), 6);
}
