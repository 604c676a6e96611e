//! `gifchat gifs` as an operator uses it: without a server, beside one, and with archives that mean harm.

use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Output, Stdio};

use rustix::fs::{FileType, Mode};
use serde_json::json;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::cli::gifchat;
use crate::library::gif;
use crate::support::{Person, Server};

struct Operator {
    folder: tempfile::TempDir,
}

impl Operator {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn run_in(&self, data: &str, args: &[&str]) -> Output {
        gifchat(&[&["gifs"], args, &["--data", &self.path(data), "--gif-bytes", "20kB"]].concat()).output().unwrap()
    }

    fn run(&self, args: &[&str]) -> Output {
        self.run_in("data", args)
    }

    /// What it printed, and what it complained about.
    fn done(&self, args: &[&str]) -> (String, String) {
        let output = self.run(args);
        assert!(output.status.success(), "{output:?}");
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn zip(&self, name: &str, files: &[(&str, &[u8])]) -> String {
        let mut zip = ZipWriter::new(std::fs::File::create(self.folder.path().join(name)).unwrap());
        let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, bytes) in files {
            zip.start_file(*name, packed).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap();
        self.path(name)
    }
}

/// Files: each GIF has its still beside it.
fn stored(data: &Path) -> usize {
    let shelves = std::fs::read_dir(data.join("gifs")).unwrap();
    shelves.map(|shelf| std::fs::read_dir(shelf.unwrap().path()).unwrap().count()).sum()
}

/// The machine may go down before the next start: that is then no reason to take the database for another one.
#[test]
fn a_command_that_could_not_begin_leaves_no_unended_run() {
    let operator = Operator::new();
    operator.done(&["list"]);
    let data = operator.folder.path().join("data");
    let state = || std::fs::read_to_string(data.join("state")).unwrap();
    let before = state();
    std::fs::remove_dir(data.join("gifs")).unwrap();
    operator.write("data/gifs", b"no folder");
    assert!(!operator.run(&["list"]).status.success());
    assert_eq!(state(), before);
}

#[test]
fn a_folder_is_imported_with_tags_from_names_and_can_be_told_again() {
    let operator = Operator::new();
    operator.write("in/동물/웃는_고양이1.gif", &gif(1));
    operator.write("in/동물/dog.gif", &gif(2));
    operator.write("in/readme.txt", b"not a picture");
    operator.write("in/.DS_Store", b"x");
    let (said, refused) = operator.done(&["import", &operator.path("in"), "--tags", "Best 2024"]);
    assert_eq!(said, "2 added, 0 there already, 1 refused\n");
    assert!(refused.contains("refused readme.txt: "), "{refused}");
    let (offers, _) = operator.done(&["offers"]);
    assert!(offers.contains("동물 웃는 고양이 best 2024") && offers.contains("동물 dog best 2024"), "{offers}");
    let ids: Vec<&str> = offers.lines().map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!(operator.done(&["list"]).0, "");
    operator.done(&["approve", ids[0], ids[1]]);
    assert!(operator.done(&["list", "고양"]).0.contains(ids[0]) || operator.done(&["list", "고양"]).0.contains(ids[1]));

    operator.write("about.csv", "file,title,tags,alt_ko\ndog.gif,개,강아지,개가 짖는다\nmissing.gif,,,\n".as_bytes());
    let (said, missing) = operator.done(&["import", &operator.path("in"), "--csv", &operator.path("about.csv")]);
    assert_eq!(said, "0 added, 2 there already, 1 refused\n");
    assert!(missing.contains("in the CSV file, but not there: missing.gif"), "{missing}");
    assert!(operator.done(&["list", "강아지 짖"]).0.contains("개가 짖는다"));
    assert_eq!(operator.done(&["list", "dog"]).0, "", "what the table says counts");
    assert_eq!(stored(&operator.folder.path().join("data")), 2 * 2);
}

#[test]
fn what_is_exported_can_be_imported_elsewhere() {
    let operator = Operator::new();
    operator.write("in/고양이/a.gif", &gif(1));
    operator.write("in/b.gif", &gif(2));
    operator.write(
        "in/library.csv",
        "file,title,tags,alt_ko,alt_en\nb.gif,\"A \"\"dog\"\", big\",dog,개,\"A dog, big\"\n".as_bytes(),
    );
    operator.done(&["import", "--approve", &operator.path("in")]);
    let zip = operator.path("out.zip");
    assert_eq!(operator.done(&["export", &zip]).0, format!("2 written to {zip}\n"));
    let again = operator.run(&["export", &zip]);
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("not there yet"), "{again:?}");

    let there = operator.run_in("elsewhere", &["import", "--approve", &zip]);
    assert_eq!(String::from_utf8_lossy(&there.stdout), "2 added, 0 there already, 0 refused\n", "{there:?}");
    let said = |data| {
        let list = operator.run_in(data, &["list"]);
        let lines = String::from_utf8(list.stdout).unwrap();
        // Without the ids, which are each library's own.
        let mut lines: Vec<String> = lines.lines().map(|line| line.split_once('\t').unwrap().1.to_owned()).collect();
        lines.sort();
        lines
    };
    assert_eq!(said("data"), said("elsewhere"));
    assert_eq!(said("data").len(), 2);
}

#[test]
fn hostile_archives_are_refused_file_by_file_and_the_rest_goes_on() {
    let operator = Operator::new();
    let bomb = vec![0; 50 << 20];
    let good = gif(7);
    let evil = format!("cat\u{1b}[2J/{}.gif", "x".repeat(300));
    let zip = operator.zip(
        "hostile.zip",
        &[
            ("../../escaped.gif", &good),
            ("/etc/absolute.gif", &good),
            ("a/../../b.gif", &good),
            ("bomb.gif", &bomb),
            ("page.gif", b"<html><script>alert(1)</script>"),
            ("cut.gif", &good[..20]),
            ("empty.gif", b""),
            (&evil, b"x"),
            ("deep/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16.gif", &good),
            ("cat.gif", &good),
        ],
    );
    let (said, refused) = operator.done(&["import", "--approve", &zip]);
    assert_eq!(said, "1 added, 0 there already, 9 refused\n", "{refused}");
    for (name, reason) in [
        ("../../escaped.gif", "leads out of the archive"),
        ("/etc/absolute.gif", "leads out of the archive"),
        ("a/../../b.gif", "leads out of the archive"),
        ("bomb.gif", "it has more than 20000 bytes"),
        ("page.gif", ""),
        ("cut.gif", ""),
        ("empty.gif", ""),
        ("deep/1/2", "deeper than"),
    ] {
        let line = refused.lines().find(|line| line.starts_with(&format!("refused {name}"))).expect(name);
        assert!(line.contains(reason), "{line}");
    }
    assert!(!refused.contains('\u{1b}') && refused.contains("cat\\u{1b}[2J"), "no commands to the terminal: {refused}");
    assert!(!operator.folder.path().parent().unwrap().join("escaped.gif").exists());
    assert!(operator.done(&["list", "cat"]).0.contains("cat"));
    assert_eq!(stored(&operator.folder.path().join("data")), 2);
}

#[test]
fn many_files_are_bounded_by_the_library() {
    let operator = Operator::new();
    let files: Vec<(String, Vec<u8>)> =
        (0..3000u32).map(|n| (format!("{n}.gif"), if n < 3 { gif(n as u8) } else { b"x".to_vec() })).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
    let zip = operator.zip("many.zip", &files);
    let output = operator.run(&["import", "--approve", &zip, "--library-entries", "2"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "2 added, 0 there already, 2998 refused\n");
    let refused = String::from_utf8_lossy(&output.stderr);
    assert!(refused.contains("refused 2.gif: the library is full"), "each by its name");
    assert_eq!(refused.lines().count(), 2998);
    assert_eq!(stored(&operator.folder.path().join("data")), 2 * 2, "what has no place leaves no file");
}

#[test]
fn what_is_no_archive_and_no_id_is_one_sentence() {
    let operator = Operator::new();
    operator.write("text.zip", b"once upon a time");
    operator.write("cut.zip", &std::fs::read(operator.zip("whole.zip", &[("a.gif", &gif(1))])).unwrap()[..60]);
    for args in [
        &["import", &operator.path("text.zip")][..],
        &["import", &operator.path("cut.zip")],
        &["import", &operator.path("nowhere")],
        &["approve", "x"],
        &["remove", "0123456789abcdef"],
    ] {
        let output = operator.run(args);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(
            output.stdout.is_empty() && String::from_utf8_lossy(&output.stderr).contains("gifchat: "),
            "{output:?}"
        );
    }
    assert_eq!(operator.run(&[]).status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_is_cut_short_lets_nobody_start_anew() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let epoch = person.enter(&room).await.call("join", json!({"room": room})).await["epoch"].clone();
    let data = server.stop().await;
    let operator = Operator::new();
    for number in 0..3000u32 {
        let mut picture = gif(number as u8);
        picture[15] = (number >> 8) as u8;
        operator.write(&format!("in/{number}.gif"), &picture);
    }
    let path = data.path().join("data");
    let database = path.join("gifchat.db");
    let changed =
        move || std::fs::metadata(&database).map(|found| (found.ctime(), found.ctime_nsec(), found.size())).unwrap();
    let before = changed();
    let args = ["gifs", "import", "--approve", &operator.path("in"), "--data", path.to_str().unwrap()];
    let mut import = gifchat(&args).stdout(Stdio::null()).spawn().unwrap();
    let waits = tokio::task::spawn_blocking(move || {
        while changed() == before {
            if let Some(status) = import.try_wait().unwrap() {
                panic!("it was done before the database was written: {status}");
            }
            std::thread::yield_now();
        }
        import.kill().unwrap();
        import.wait().unwrap()
    });
    assert!(!waits.await.unwrap().success());
    let server = Server::start_in(data, 2, |_| {}).await;
    let person = person.at(&server);
    assert_eq!(person.enter(&room).await.call("join", json!({"room": room})).await["epoch"], epoch);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_library_is_worked_on_while_the_server_runs_and_while_it_does_not() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let mut here = person.enter(&room).await;
    let operator = Operator::new();
    for number in 0..20 {
        operator.write(&format!("in/cat{number}.gif"), &gif(number));
    }
    let import = |data: &Path| {
        let (data, from) = (data.to_str().unwrap().to_owned(), operator.path("in"));
        let run = move || gifchat(&["gifs", "import", "--approve", &from, "--data", &data]).output().unwrap();
        tokio::task::spawn_blocking(run)
    };
    // People go on talking meanwhile, and show GIFs and take them away that are just being imported.
    let importing = import(&server.data_path());
    let mut said = 0;
    while !importing.is_finished() {
        assert_eq!(person.say(&room, "hi").await.status(), 201);
        let shown = person.send_gif(&room, &gif((said % 20) as u8)).await;
        assert_eq!(shown.status(), 201);
        let seq = shown.json::<serde_json::Value>().await.unwrap()["seq"].clone();
        here.call("remove", serde_json::json!({"room": room, "target": seq})).await;
        said += 1;
    }
    let output = importing.await.unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "20 added, 0 there already, 0 refused\n", "{output:?}");
    let page = person.get_json("/library?q=cat&limit=50").await;
    let entries = page["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 20, "at once, without a restart");
    for entry in entries {
        let path = format!("/gif/{}", entry["gif"].as_str().unwrap());
        assert_eq!(person.get(&path).await.status(), 200, "each has its file");
    }
    drop(here);
    let data = server.stop().await;
    operator.write("in/dog.gif", &gif(200));
    let output = import(&data.path().join("data")).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1 added, 20 there already, 0 refused\n", "{output:?}");
    let server = Server::start_in(data, 2, |_| {}).await;
    let person = person.at(&server);
    assert_eq!(person.get_json("/library?q=dog").await["entries"].as_array().unwrap().len(), 1);
    let messages = person.get_json(&format!("/room/{room}/messages")).await;
    assert!(!messages.as_array().unwrap().is_empty());
}

/// The import writes to the database between the end of one server and the start of the next.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_outlives_its_server_lets_nobody_start_anew() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let epoch = person.enter(&room).await.call("join", json!({"room": room})).await["epoch"].clone();
    let operator = Operator::new();
    operator.write("in/cat.gif", &gif(1));
    let (path, table) = (server.data_path(), operator.path("table.csv"));
    rustix::fs::mknodat(rustix::fs::CWD, &table, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let args = ["gifs", "import", "--approve", &operator.path("in"), "--csv", &table, "--data", path.to_str().unwrap()];
    let mut import = gifchat(&args).stdout(Stdio::null()).spawn().unwrap();
    // Opens when the import does: it is at work then, and waits for what the table says.
    let table = tokio::task::spawn_blocking(move || std::fs::File::create(table).unwrap()).await.unwrap();
    let data = server.stop().await;
    tokio::task::spawn_blocking(move || {
        (&table).write_all(b"file\n").unwrap();
        drop(table);
        assert!(import.wait().unwrap().success());
    })
    .await
    .unwrap();
    let server = Server::start_in(data, 2, |_| {}).await;
    let person = person.at(&server);
    assert_eq!(person.enter(&room).await.call("join", json!({"room": room})).await["epoch"], epoch);
}
