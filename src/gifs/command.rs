//! The command line of `gifchat gifs`.

use clap::{Arg, ArgAction, Command, ValueHint};

/// All of it.
pub fn command() -> Command {
    let ids = || Arg::new("ids").value_name("ID").num_args(1..).required(true).help("As `offers` and `list` print it");
    Command::new("gifs")
        .about("Works on the server's library of GIFs, while the server runs or not")
        .subcommand_required(true)
        .subcommand(
            Command::new("import")
                .about("Brings the GIFs of a folder or a ZIP archive, with tags from the names of files and folders")
                .arg(
                    Arg::new("from")
                        .value_name("DIR|ZIP")
                        .value_hint(ValueHint::AnyPath)
                        .required(true)
                        .help("The folder, with those in it, or the archive"),
                )
                .arg(Arg::new("tags").long("tags").value_name("WORDS").help("More tags for each of them"))
                .arg(
                    Arg::new("csv").long("csv").value_name("FILE").value_hint(ValueHint::FilePath).help(
                        "What they are: columns file, title, tags, alt_ko, alt_en [default: library.csv among them]",
                    ),
                )
                .arg(
                    Arg::new("approve")
                        .long("approve")
                        .action(ArgAction::SetTrue)
                        .help("Lets everybody find them at once; otherwise they wait among the offers"),
                ),
        )
        .subcommand(
            Command::new("export").about("Writes the library as a ZIP archive that import reads").arg(
                Arg::new("to")
                    .value_name("ZIP")
                    .value_hint(ValueHint::FilePath)
                    .required(true)
                    .help("A file that is not there yet"),
            ),
        )
        .subcommand(Command::new("offers").about("Lists what waits for approval, the oldest first"))
        .subcommand(Command::new("approve").about("Lets everybody find what was offered").arg(ids()))
        .subcommand(
            Command::new("reject").about("Drops what was offered, and its file unless a room shows it").arg(ids()),
        )
        .subcommand(
            Command::new("remove")
                .about("Takes GIFs out of the library, and off the disk unless a room shows them")
                .arg(ids()),
        )
        .subcommand(
            Command::new("list")
                .about("Lists the library, the most used first")
                .arg(Arg::new("query").value_name("WORDS").num_args(0..).help("Only what has all of them")),
        )
}
