//! Operators on rows as they are: `take`, `sample`, `count`, `as`, `getschema`, `consume`.

use crate::OperatorKind;
use crate::parser::Parser;

impl Parser<'_> {
    pub(super) fn rows(&mut self, word: &str) -> OperatorKind {
        match word {
            "take" | "limit" => OperatorKind::Take(self.expression()),
            "sample" => OperatorKind::Sample(self.expression()),
            "sample-distinct" => {
                let count = self.expression();
                self.expect_word("of");
                OperatorKind::SampleDistinct { count, of: self.named_expression() }
            }
            "count" => OperatorKind::Count { name: self.eat_word("as").then(|| self.name("a column name")) },
            "getschema" => {
                let parameters = self.operator_parameters(&["kind"]);
                // Another kind gives another table, which no page describes.
                match parameters.iter().any(|parameter| parameter.name.name == "kind") {
                    true => OperatorKind::Other { name: "getschema kind".to_owned(), parts: Vec::new() },
                    false => OperatorKind::GetSchema,
                }
            }
            "consume" => {
                self.operator_parameters(&["decodeblocks"]);
                OperatorKind::Consume
            }
            _ => {
                let parameters = self.operator_parameters(&[]);
                OperatorKind::As { parameters, name: self.name("a name") }
            }
        }
    }
}
