//! Where libift is: the folder that IFT_LIBDIR names, or what pkg-config says.
use std::{env, process::Command};

fn main() {
    for name in ["IFT_LIBDIR", "PKG_CONFIG_PATH", "PKG_CONFIG"] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    if let Ok(folder) = env::var("IFT_LIBDIR") {
        link(&folder);
        return;
    }
    let program = env::var("PKG_CONFIG").unwrap_or_else(|_| "pkg-config".into());
    let told = Command::new(&program)
        .args(["--variable=libdir", "ift"])
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}; it is needed, or IFT_LIBDIR"));
    if !told.status.success() {
        panic!("pkg-config does not know ift; is PKG_CONFIG_PATH the folder of ift.pc?");
    }
    link(String::from_utf8_lossy(&told.stdout).trim());
}

fn link(folder: &str) {
    println!("cargo:rustc-link-search=native={folder}");
    println!("cargo:rustc-link-lib=dylib=ift");
    // for the tests and examples of this package, which are run where they are built
    println!("cargo:rustc-link-arg=-Wl,-rpath,{folder}");
}
