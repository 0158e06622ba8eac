//! Options, quantities, errors; the declarations against the headers.
mod common;
use common::*;
use ift::*;
use std::{collections::BTreeMap, fs, process::Command};

#[test]
fn every_entry_can_be_read_and_every_option_set() {
    let context = Context::new().unwrap();
    let mut flow = flow(&context);
    flow.step(2).unwrap();
    for entry in entries().filter(|entry| entry.noun == "flow") {
        assert!(!flow.text(entry.name).unwrap().is_empty(), "{}", entry.name);
        match entry.kind {
            "real" => drop(flow.real(entry.name).unwrap()),
            "integer" => drop(flow.integer(entry.name).unwrap()),
            _ => {}
        }
        if entry.access == "option" {
            flow.set(entry.name, entry.default).unwrap();
        }
    }
    flow.set("tau", 0.4).unwrap().set("rejuvenate-every", 7).unwrap().set("rejuvenate", "insert").unwrap();
    assert_eq!(flow.real("tau").unwrap(), 0.4);
    assert_eq!(flow.integer("rejuvenate_every").unwrap(), 7);
    assert_eq!(flow.text("rejuvenate").unwrap(), "insert");
    assert!(kinds().any(|kind| kind.noun == "geometry" && kind.name == "spherical-ift"));
}

#[test]
fn errors_say_what_is_wrong() {
    let context = Context::new().unwrap();
    let mut flow = flow(&context);
    let error = flow.set("tua", 1.0).err().unwrap();
    assert_eq!((error.kind(), error.status(), error.name()), (Kind::Option, -4, "IFT_ERR_OPTION"));
    assert_eq!(error.to_string(), "a flow has no option 'tua'; the nearest is 'tau'");
    let kind = |result: Result<()>| result.err().unwrap().kind();
    let line = |data: &[f64], w: Option<&[f64]>| Measure::new(&context, Points::new(data, 1), w).map(drop);
    assert_eq!(kind(line(&[f64::NAN], None)), Kind::NotFinite);
    assert_eq!(kind(line(&[1.0, 2.0], Some(&[1.0]))), Kind::Argument);
    assert_eq!(kind(line(&[], None)), Kind::Argument);
    assert_eq!(kind(Kernel::parse(&context, "gausian:1").map(drop)), Kind::Option);
    assert_eq!(kind(Kernel::parse(&context, "gaussian\0:1").map(drop)), Kind::Argument);
    let other = Measure::new(&context, Points::new(&[1.0, 2.0, 3.0], 3), None).unwrap();
    assert_eq!(kind(mmd(&context).value(&other).map(drop)), Kind::Dimension);
    let elsewhere = Context::new().unwrap();
    assert_eq!(kind(mmd(&context).value(&measure(&elsewhere, 3, 1)).map(drop)), Kind::Context);
    assert_eq!(kind(context.set_threads(usize::MAX)), Kind::Argument);
    assert_eq!(kind(simplex_qp(&context, &[1.0], &[1.0, 2.0], 1.0, Method::default()).map(drop)), Kind::Argument);
}

#[test]
fn the_context_decides() {
    let drawn = |seed| {
        let context = Context::new().unwrap();
        context.set_seed(seed).unwrap();
        context.set_threads(2).unwrap();
        measure(&context, 40, 1).resample(7).unwrap().positions().data().to_vec()
    };
    assert_eq!(drawn(3), drawn(3));
    assert_ne!(drawn(3), drawn(4));
    let context = Context::new().unwrap();
    for entry in entries().filter(|entry| entry.noun == "context") {
        context.set(entry.name, entry.default).unwrap();
    }
    assert_eq!(context.set("threads", 5000).err().unwrap().kind(), Kind::Option);
    assert!(build_info().lines().any(|line| line.starts_with("blas ")));
    assert!(version() >= 100);
}

/// One letter for a type: a pointer, a text, a 64-bit integer, an int, a double.
fn letter(declared: &str) -> char {
    let declared = declared.trim();
    let is = |words: &[&str]| words.iter().any(|word| declared.starts_with(word));
    match () {
        _ if declared.is_empty() || declared == "void" => '-',
        _ if is(&["const char *", "*const c_char"]) => 's',
        _ if declared.contains('*') || is(&["Option", "Destroy", "Log", "Kernel", "Sample", "Potential", "Energy"]) => {
            'p'
        }
        _ if is(&["FlowMonitor", "CompressionMonitor"]) => 'p',
        _ if is(&["int64_t", "uint64_t", "i64", "u64"]) => 'l',
        _ if is(&["double", "f64"]) => 'd',
        _ if is(&["ift_status", "int", "Status", "c_int"]) => 'i',
        _ => '?',
    }
}

fn letters(arguments: &str, of: impl Fn(&str) -> char) -> String {
    arguments.split(',').map(of).filter(|&letter| letter != '-').collect()
}

/// `int (*f)(double *x, void *user)` is one argument: its own ones go.
fn without_functions(mut arguments: &str) -> String {
    let mut flat = String::new();
    while let Some(at) = arguments.find(")(") {
        flat += &arguments[..at];
        arguments = &arguments[at + 2..];
        arguments = &arguments[arguments.find(')').unwrap() + 1..];
    }
    flat + arguments
}

/// The functions that a header declares: name and letters.
fn declared(header: &str) -> Vec<(String, String)> {
    let declarations = header.split("IFT_API ").skip(1).filter_map(|text| text.split_once(';'));
    let functions = declarations.filter_map(|(text, _)| text.split_once('(')).filter(|(head, _)| head.contains("ift_"));
    let named = functions.map(|(head, arguments)| {
        let (returned, name) = head.split_at(head.rfind("ift_").unwrap());
        let arguments = without_functions(arguments.trim_end().strip_suffix(')').unwrap());
        (name.to_string(), format!("{}:{}", letter(returned), letters(&arguments, letter)))
    });
    named.collect()
}

#[test]
fn declarations_are_those_of_the_headers() {
    let told = Command::new("pkg-config").args(["--variable=includedir", "ift"]).output().unwrap();
    let folder = format!("{}/ift", String::from_utf8(told.stdout).unwrap().trim());
    let headers: BTreeMap<_, _> = fs::read_dir(folder)
        .unwrap()
        .flat_map(|file| declared(&fs::read_to_string(file.unwrap().path()).unwrap()))
        .collect();
    let ours = include_str!("../src/sys.rs").lines().filter_map(|line| line.trim().strip_prefix("pub fn "));
    let mut count = 0;
    for declaration in ours {
        let (name, rest) = declaration.split_once('(').unwrap();
        let (arguments, returned) = rest.rsplit_once(')').unwrap();
        let returned = letter(returned.trim_end_matches(';').trim_start_matches(" -> "));
        let taken = letters(arguments, |argument| letter(argument.split(": ").last().unwrap()));
        assert_eq!(headers.get(name), Some(&format!("{returned}:{taken}")), "{name}");
        count += 1;
    }
    assert!(count > 70);
}
