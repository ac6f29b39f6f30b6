//! The layer law: the core knows nothing of the bindings, `unsafe` stays where it is audited, numbers that come
//! from law stand in `rules/` only, and every file says what it decides.

use crate::support::book;
use std::fs;
use std::path::{Path, PathBuf};

/// Rust files below a folder of the crate: path relative to the crate, and text.
fn sources(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(root).expect("inside").to_string_lossy().into_owned();
                found.push((name, fs::read_to_string(&path).expect("a file")));
            }
        }
    }
    assert!(!found.is_empty(), "nothing below {folder}");
    found.sort();
    found
}

/// The text before a file's unit tests.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text)
}

/// Code without comments, and the contents of its strings.
fn code_and_strings(text: &str) -> (String, Vec<String>) {
    let (mut code, mut strings) = (String::new(), Vec::new());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
            code.push('\n');
        } else if c == '"' {
            let mut end = 1;
            let bytes = rest.as_bytes();
            while bytes[end] != b'"' {
                end += 1 + usize::from(bytes[end] == b'\\');
            }
            strings.push(rest[1..end].to_owned());
            rest = &rest[end + 1..];
            code.push_str("\"\"");
        } else if let Some(after) = rest.strip_prefix("'\"'") {
            rest = after;
        } else {
            rest = &rest[c.len_utf8()..];
            code.push(c);
        }
    }
    (code, strings)
}

/// Words of code: identifiers, keywords and numbers, a decimal point inside a number included.
fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).filter(|w| !w.is_empty())
}

/// A decimal fraction below one, other than zero, which is how a rate from law looks.
fn looks_like_a_rate(word: &str) -> bool {
    let digits = word.strip_prefix("0.").map(|d| d.trim_end_matches("_f64").trim_end_matches("_f32"));
    digits.is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()) && d.bytes().any(|b| b != b'0'))
}

#[test]
fn the_core_never_names_the_bindings() {
    for (file, text) in sources("src/core") {
        let text = text.to_lowercase();
        for word in ["pyo3", "numpy", "python", "crate::py"] {
            assert!(!text.contains(word), "{file} names {word}");
        }
    }
}

#[test]
fn the_core_builds_on_no_crate_of_the_bindings() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    for name in ["pyo3", "numpy"] {
        assert_eq!(manifest["dependencies"][name]["optional"].as_bool(), Some(true), "{name}");
    }
    let library = sources("src").into_iter().find(|(file, _)| file == "src/lib.rs").unwrap().1;
    assert!(library.contains("#[cfg(feature = \"python\")]\nmod py;"));
}

#[test]
fn unsafe_code_is_in_the_dispatch_of_the_kernels_and_in_the_bindings_only() {
    for (file, text) in sources("src") {
        let allowed = file == "src/core/kernel/simd.rs" || file.starts_with("src/py/");
        let (code, _) = code_and_strings(&text);
        let used = words(&code).any(|w| w == "unsafe" || w == "unsafe_code");
        assert!(allowed || !used, "{file} uses unsafe code");
    }
}

#[test]
fn every_unsafe_block_says_why_it_is_sound() {
    for (file, text) in sources("src") {
        let lines: Vec<&str> = text.lines().collect();
        for (i, line) in lines.iter().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if code.contains("unsafe {") || code.contains("unsafe impl") {
                let above = &lines[i.saturating_sub(6)..i];
                assert!(above.iter().any(|l| l.contains("// SAFETY")), "{file}:{}: {line}", i + 1);
            }
        }
    }
}

#[test]
fn no_rate_from_law_stands_in_the_code() {
    for (file, text) in sources("src") {
        let (code, strings) = code_and_strings(without_tests(&text));
        let found: Vec<&str> = words(&code).filter(|w| looks_like_a_rate(w)).collect();
        assert!(found.is_empty(), "{file} holds {found:?}: put it in rules/");
        let found: Vec<&String> = strings.iter().filter(|s| looks_like_a_rate(s)).collect();
        assert!(found.is_empty(), "{file} holds {found:?}: put it in rules/");
    }
}

#[test]
fn a_rate_in_the_code_would_be_seen() {
    let (code, strings) =
        code_and_strings("let a = 0.75; // 0.5\nlet b = \"0.40\"; let c = x.0.1;\n/// 0.3\n1.0; 0.0");
    assert_eq!(words(&code).filter(|w| looks_like_a_rate(w)).collect::<Vec<_>>(), ["0.75"]);
    assert_eq!(strings, ["0.40"]);
    assert!(looks_like_a_rate("0.40") && looks_like_a_rate("0.5_f64") && !looks_like_a_rate("0.0"));
}

#[test]
fn the_bindings_name_no_rule() {
    let book = book();
    for (file, text) in sources("src/py") {
        let (_, strings) = code_and_strings(without_tests(&text));
        for string in strings {
            let named = book.rules().find(|rule| string == rule.id);
            assert!(named.is_none(), "{file} names {}", named.unwrap().id);
        }
    }
}

#[test]
fn every_file_opens_with_what_it_decides() {
    for (file, text) in sources("src").into_iter().chain(sources("tests/rust")) {
        let opening: String = text.lines().take_while(|line| line.starts_with("//!")).collect();
        assert!(opening.len() > 30, "{file} does not say what it is for");
    }
}

#[test]
fn files_stay_small_enough_to_read() {
    let mut sizes: Vec<usize> = sources("src").iter().map(|(_, text)| text.lines().count()).collect();
    sizes.sort_unstable();
    let median = sizes[sizes.len() / 2];
    assert!(median <= 150, "the median file has {median} lines");
}
