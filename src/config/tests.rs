use std::collections::HashMap;
use std::io::Write;

use super::*;

fn load(file: Option<&str>, variables: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
    let mut toml = tempfile::NamedTempFile::new().unwrap();
    toml.write_all(file.unwrap_or_default().as_bytes()).unwrap();
    let variables: HashMap<_, _> = variables.iter().copied().collect();
    let flags: HashMap<_, _> = flags.iter().copied().collect();
    Loaded::load(&Sources {
        file: file.map(|_| toml.path().to_owned()),
        variable: &|name| variables.get(name).map(Into::into),
        flag: &|name| flags.get(name).map(|value| (*value).to_owned()),
    })
}

fn origin(loaded: &Loaded, name: &str) -> Origin {
    let index = Config::SETTINGS.iter().position(|setting| setting.name == name).unwrap();
    loaded.origins[index].clone()
}

#[test]
fn defaults_are_loaded_and_shown_as_they_are_written() {
    let loaded = load(None, &[], &[]).unwrap();
    assert_eq!(loaded.config, Config::default());
    assert_eq!(loaded.config.listen, "127.0.0.1:8005".parse().unwrap());
    assert_eq!(loaded.config.empty_grace, Duration::from_secs(60));
    assert_eq!(loaded.config.gif_bytes, 5 * 1024 * 1024);
    for setting in Config::SETTINGS {
        assert_eq!(setting.show(&loaded.config), setting.default, "{}", setting.name);
        assert_eq!(origin(&loaded, setting.name), Origin::Default);
        assert!(setting.help().ends_with('.'), "{}", setting.name);
    }
}

#[test]
fn flags_win_over_the_environment_over_the_file_over_defaults() {
    let file = "rooms = 7\nempty_grace = '7s'\nexit_damping = \"7s\"\ntrusted_proxies = ['10.0.0.1', '10.1.2.3/16']";
    let variables = [("GIFCHAT_EMPTY_GRACE", "8s"), ("GIFCHAT_EXIT_DAMPING", "8s"), ("GIFCHAT_LISTEN", "[::]:80")];
    let loaded = load(Some(file), &variables, &[("exit_damping", "9s")]).unwrap();

    assert_eq!(loaded.config.rooms, 7);
    assert_eq!(loaded.config.empty_grace, Duration::from_secs(8));
    assert_eq!(loaded.config.exit_damping, Duration::from_secs(9));
    assert_eq!(loaded.config.trusted_proxies, ["10.0.0.1/32".parse().unwrap(), "10.1.0.0/16".parse().unwrap()]);
    assert_eq!(loaded.config.listen, "[::]:80".parse().unwrap());
    assert!(matches!(origin(&loaded, "rooms"), Origin::File(_)));
    assert_eq!(origin(&loaded, "empty_grace"), Origin::Environment);
    assert_eq!(origin(&loaded, "exit_damping"), Origin::Flag);
    assert_eq!(origin(&loaded, "data"), Origin::Default);

    let table = loaded.to_string();
    let row =
        |name: &str| table.lines().find(|line| line.starts_with(name)).unwrap().split_whitespace().collect::<Vec<_>>();
    assert_eq!(row("empty_grace"), ["empty_grace", "8s", "GIFCHAT_EMPTY_GRACE"]);
    assert_eq!(row("exit_damping"), ["exit_damping", "9s", "--exit-damping"]);
    assert_eq!(row("data"), ["data", "./data", "default"]);
    assert_eq!(table.lines().count(), Config::SETTINGS.len() + 1);
}

#[test]
fn an_empty_variable_is_not_set() {
    let loaded = load(Some("rooms = 7"), &[("GIFCHAT_ROOMS", "")], &[]).unwrap();
    assert_eq!(loaded.config.rooms, 7);
}

#[test]
fn a_wrong_value_is_one_sentence_with_place_and_remedy() {
    let error = load(None, &[("GIFCHAT_EMPTY_GRACE", "soon")], &[]).unwrap_err().to_string();
    assert_eq!(
        error,
        "empty_grace is \"soon\" in the environment variable GIFCHAT_EMPTY_GRACE, but must be a time like 500ms, 60s, \
         1m or 2h: correct it or leave it out"
    );
    let error = load(None, &[], &[("rooms", "0")]).unwrap_err().to_string();
    assert!(error.starts_with("rooms is \"0\" in the flag --rooms, but must be a whole number above zero"), "{error}");
    let error = load(Some("rooms = true"), &[], &[]).unwrap_err().to_string();
    assert!(error.starts_with("rooms is \"true\" in the settings file /"), "{error}");
    let error = load(Some("rooms = { a = 1 }"), &[], &[]).unwrap_err().to_string();
    assert!(error.contains("but must be"), "{error}");
}

#[test]
fn a_wrong_file_is_one_sentence_with_its_place() {
    let error = load(Some("rooms = 3\n\nempty-grace = '1s'"), &[], &[]).unwrap_err().to_string();
    assert!(
        error.ends_with("has the key \"empty-grace\", which is no setting: it is spelled empty_grace there"),
        "{error}"
    );
    let error = load(Some("colour = 'red'"), &[], &[]).unwrap_err().to_string();
    assert!(error.ends_with("which is no setting: `gifchat config` lists them all"), "{error}");
    let error = load(Some("rooms = 3\nlisten = oops"), &[], &[]).unwrap_err().to_string();
    assert!(error.contains("is not TOML at line 2 ("), "{error}");
    assert!(!error.contains('\n'), "{error}");
    let missing = Sources { file: Some("/nowhere/gifchat.toml".into()), variable: &|_| None, flag: &|_| None };
    let error = Loaded::load(&missing).unwrap_err().to_string();
    assert!(error.starts_with("the settings file /nowhere/gifchat.toml cannot be read (No such file"), "{error}");
}

#[test]
fn times_are_numbers_with_a_unit() {
    for (text, time) in [("500ms", 500), ("0", 0), ("0s", 0), ("60s", 60_000), (" 1 m ", 60_000), ("2h", 7_200_000)] {
        assert_eq!(kind::Time::parse(text), Some(Duration::from_millis(time)), "{text}");
    }
    for wrong in ["", "60", "s", "-1s", "1.5s", "1w", "99999999999999999999s", "18446744073709551615h", "1s1s", "400d"]
    {
        assert_eq!(kind::Time::parse(wrong), None, "{wrong}");
    }
    assert_eq!(kind::TimeAboveZero::parse("0s"), None);
    for text in ["0s", "500ms", "1500ms", "60s", "90s", "2m", "1h", "36h"] {
        assert_eq!(kind::Time::show(&kind::Time::parse(text).unwrap()), text);
    }
}

#[test]
fn sizes_are_numbers_with_or_without_a_unit() {
    for (text, bytes) in [("5MiB", 5 << 20), ("64KiB", 65_536), ("100kB", 100_000), ("4097", 4097), ("1 mib", 1 << 20)]
    {
        assert_eq!(kind::Bytes::parse(text), Some(bytes), "{text}");
    }
    for wrong in ["", "0", "MiB", "5 apples", "-1", "1.5MiB", "99999999GiB"] {
        assert_eq!(kind::Bytes::parse(wrong), None, "{wrong}");
    }
    assert_eq!(kind::HeaderBytes::parse("4KiB"), None);
}

#[test]
fn rates_are_per_second_minute_or_hour_and_zero_is_no_limit() {
    for (text, rate) in [("20/s", 20.0), ("20", 20.0), ("0", 0.0), ("30/m", 0.5), ("0.5", 0.5)] {
        assert_eq!(kind::PerSecond::parse(text), Some(rate), "{text}");
    }
    for wrong in ["", "-1", "20/x", "nan", "inf", "1e3", "/s", "99999999"] {
        assert_eq!(kind::PerSecond::parse(wrong), None, "{wrong}");
    }
    for text in ["20/s", "30/m", "6/m", "5/h", "0"] {
        assert_eq!(kind::PerSecond::show(&kind::PerSecond::parse(text).unwrap()), text);
    }
    let config = Config { message_rate: 0.0, upload_rate: 0.5, upload_burst: 3, ..Config::default() };
    assert_eq!(config.message_limit(), None);
    assert_eq!(config.upload_limit(), Some(Rate { burst: 3, per_second: 0.5 }));
}

#[test]
fn what_a_commit_waits_for_has_two_names() {
    assert_eq!(Config::default().synchronous, Synchronous::Full);
    assert_eq!(Synchronous::parse("normal"), Some(Synchronous::Normal));
    for wrong in ["", "off", "Full", "2"] {
        assert_eq!(Synchronous::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn origins_are_as_browsers_send_them() {
    let origins = kind::Origins::parse("https://Chat.Example.org:443, http://10.0.0.5:8005,http://[::1]:80").unwrap();
    assert_eq!(origins, ["https://chat.example.org", "http://10.0.0.5:8005", "http://[::1]"]);
    assert_eq!(kind::Origins::parse("none"), Some(vec![]));
    for wrong in
        ["*", "chat.example.org", "ftp://a.b", "https://", "https://a/b", "https://a@b", "https://a,", "https://a:"]
    {
        assert_eq!(kind::Origins::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn offers_have_three_names_and_keys_are_plain() {
    for (text, offers) in [("off", Offers::Off), ("review", Offers::Review), ("auto", Offers::Auto)] {
        assert_eq!(Offers::parse(text), Some(offers));
    }
    assert_eq!(Offers::parse("on"), None);
    assert_eq!(kind::Keys::parse("abcd-1234, EFGH_5678").unwrap(), ["abcd-1234", "EFGH_5678"]);
    assert_eq!(kind::Keys::parse("none"), Some(vec![]));
    for wrong in ["short", "has space", "schlüssel-12", "abcd1234,", &"x".repeat(101)] {
        assert_eq!(kind::Keys::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn log_filters_are_checked() {
    for right in ["info", "off", "info,gifchat=debug", "gifchat::store=trace"] {
        assert!(kind::LogFilter::parse(right).is_some(), "{right}");
    }
    for wrong in ["", "loud", "info,", "gifchat=loud"] {
        assert_eq!(kind::LogFilter::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn the_manual_says_what_the_code_says() {
    let manual = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/settings.md")).unwrap();
    let rows: Vec<&str> = manual.lines().filter(|line| line.starts_with("| `")).collect();
    for setting in Config::SETTINGS {
        let row = format!("| `{}` | `{}` | {} |", setting.name, setting.default, setting.help());
        assert!(rows.contains(&row.as_str()), "docs/settings.md lacks the row\n{row}");
    }
    assert_eq!(rows.len(), Config::SETTINGS.len(), "docs/settings.md has a row that is no setting");
}
