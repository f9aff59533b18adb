//! File and function lengths, tests not counted.

use std::fs;
use std::path::Path;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::exceptions::Exceptions;
use crate::project::{files, root};

/// Lines of a file without its test modules.
const FILE_LINES_MAX: usize = 500;
/// Lines of a function from `fn` to its closing brace.
const FUNCTION_LINES_MAX: usize = 70;

/// All Rust files and functions that are too long.
pub(crate) fn breaches(exceptions: &mut Exceptions) -> Result<Vec<String>, String> {
    let mut breaches = Vec::new();
    for path in files()?.iter().filter(|path| is_product_code(path)) {
        let shown = path.display().to_string();
        let text =
            fs::read_to_string(root().join(path)).map_err(|error| format!("failed to read `{shown}`: {error}"))?;
        let file = syn::parse_file(&text).map_err(|error| format!("failed to parse `{shown}`: {error}"))?;
        let mut lengths = Lengths { path: &shown, scope: Vec::new(), test_lines: 0, functions: Vec::new() };
        lengths.visit_file(&file);
        breaches.extend(exceptions.check(&shown, text.lines().count() - lengths.test_lines, FILE_LINES_MAX));
        for (key, length) in &lengths.functions {
            breaches.extend(exceptions.check(key, *length, FUNCTION_LINES_MAX));
        }
    }
    Ok(breaches)
}

fn is_product_code(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
        && !path.components().any(|part| part.as_os_str() == "tests")
}

struct Lengths<'a> {
    path: &'a str,
    scope: Vec<String>,
    test_lines: usize,
    functions: Vec<(String, usize)>,
}

impl Lengths<'_> {
    fn record(&mut self, name: String, item: impl Spanned) {
        let mut key = vec![self.path.to_owned()];
        key.extend(self.scope.iter().cloned());
        key.push(name);
        self.functions.push((key.join("::"), line_count(&item)));
    }
}

impl<'ast> Visit<'ast> for Lengths<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.attrs.iter().any(is_test_attribute) {
            self.test_lines += line_count(module);
            return;
        }
        visit::visit_item_mod(self, module);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if let syn::Type::Path(ty) = item.self_ty.as_ref() {
            let name = ty.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
            self.scope.push(name);
            visit::visit_item_impl(self, item);
            self.scope.pop();
        } else {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.record(function.sig.ident.to_string(), function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.record(function.sig.ident.to_string(), function);
    }
}

fn line_count(item: &impl Spanned) -> usize {
    let span = item.span();
    span.end().line + 1 - span.start().line
}

fn is_test_attribute(attribute: &syn::Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute.parse_args::<syn::Path>().is_ok_and(|argument| argument.is_ident("test"))
}
