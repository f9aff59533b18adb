//! CPU time of aggregates over two million rows shaped like sign-ins, each in one pass and as the parts of two
//! threads: `cargo run --release -p kql-functions --example aggregate_times [NAME…]`.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, StringViewArray, TimestampMicrosecondArray, UInt64Array,
};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use kql_functions::aggregates::ArgExtremeState;
use kql_functions::{ArgumentInfo, GroupState, Type, Value, aggregate};

const ROWS: usize = 2_000_000;
const BATCH: usize = 8_192;
const USERS: usize = 5_000;

/// One batch: groups and columns.
struct Batch {
    users: Vec<usize>,
    times: ArrayRef,
    codes: ArrayRef,
    agents: ArrayRef,
    addresses: ArrayRef,
    sessions: ArrayRef,
    reals: ArrayRef,
    failed: ArrayRef,
}

/// A small generator of numbers (xorshift64*), so that nothing but this file decides what is measured.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Small numbers are likelier.
    fn skewed(&mut self, below: usize) -> usize {
        (((below as f64).powf(self.unit()) - 1.0) as usize).min(below - 1)
    }
}

fn batches() -> Vec<Batch> {
    let mut numbers = Numbers(7);
    let agents: Vec<String> = (0..10_000)
        .map(|agent| format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.{agent} (KHTML, like Gecko)"))
        .collect();
    let dictionary: StringViewArray = agents.iter().map(Some).collect();
    let codes: Vec<String> = (0..50).map(|code| (50_000 + code).to_string()).collect();
    let mut time = 1_700_000_000_000_000_i64;
    (0..ROWS)
        .step_by(BATCH)
        .map(|start| {
            let rows = BATCH.min(ROWS - start);
            let users: Vec<usize> = (0..rows).map(|_| numbers.skewed(USERS)).collect();
            let times: Vec<i64> = (0..rows)
                .map(|_| {
                    time += (numbers.unit() * 1_296_000.0) as i64;
                    time
                })
                .collect();
            let picked: Vec<u64> = (0..rows).map(|_| numbers.skewed(agents.len()) as u64).collect();
            let agents =
                arrow::compute::take(&dictionary, &UInt64Array::from(picked), None).expect("rows of the dictionary");
            let addresses = (0..rows).map(|_| {
                let address = numbers.skewed(200_000);
                Some(format!("203.{}.{}.{}", address >> 16, address >> 8 & 255, address & 255))
            });
            let addresses: StringViewArray = addresses.collect();
            let sessions: StringViewArray =
                (0..rows).map(|_| Some(format!("{:032x}", u128::from(numbers.next()) << 64 | 7))).collect();
            let results: Vec<&str> = (0..rows).map(|_| codes[numbers.skewed(codes.len())].as_str()).collect();
            let failed: BooleanArray = results.iter().map(|code| Some(*code != "50000")).collect();
            Batch {
                users,
                times: Arc::new(TimestampMicrosecondArray::from(times)),
                codes: Arc::new(StringViewArray::from(results)),
                agents,
                addresses: Arc::new(addresses),
                sessions: Arc::new(sessions),
                reals: Arc::new(Float64Array::from_iter_values((0..rows).map(|_| numbers.unit() * 1e4))),
                failed: Arc::new(failed),
            }
        })
        .collect()
}

/// Nanoseconds this thread has been running, by the kernel's count.
fn cpu() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn report(name: &str, groups: usize, mut run: impl FnMut(bool) -> usize) {
    let mut best = [u64::MAX; 2];
    let mut bytes = [0; 2];
    for _ in 0..3 {
        for (at, is_split) in [false, true].into_iter().enumerate() {
            let start = cpu();
            bytes[at] = run(is_split);
            best[at] = best[at].min(cpu() - start);
        }
    }
    let shown = best.map(|time| time as f64 / 1e6);
    let _ = writeln!(
        std::io::stdout(),
        "{name:<28} {groups:>9} groups {:>8.1} ms one pass {:>8.1} ms in two parts {:>6.1} MB held",
        shown[0],
        shown[1],
        bytes[0] as f64 / 1e6
    );
}

struct Case {
    label: &'static str,
    function: &'static str,
    types: Vec<Type>,
    constants: Vec<Value>,
    columns: fn(&Batch) -> Vec<ArrayRef>,
}

fn case(
    label: &'static str,
    function: &'static str,
    types: &[Type],
    constants: &[Value],
    columns: fn(&Batch) -> Vec<ArrayRef>,
) -> Case {
    Case { label, function, types: types.to_vec(), constants: constants.to_vec(), columns }
}

fn cases() -> Vec<Case> {
    let text = [Type::String];
    vec![
        case("dcount(address)", "dcount", &text, &[], |batch| vec![batch.addresses.clone()]),
        case("dcount(session)", "dcount", &text, &[], |batch| vec![batch.sessions.clone()]),
        case("dcount(agent)", "dcount", &text, &[], |batch| vec![batch.agents.clone()]),
        case("count_distinct(address)", "count_distinct", &text, &[], |batch| vec![batch.addresses.clone()]),
        case("make_set(address)", "make_set", &text, &[], |batch| vec![batch.addresses.clone()]),
        case("make_set(code)", "make_set", &text, &[], |batch| vec![batch.codes.clone()]),
        case("make_set(address, 100)", "make_set", &text, &[Value::Long(100)], |batch| vec![batch.addresses.clone()]),
        case("make_list(address)", "make_list", &text, &[], |batch| vec![batch.addresses.clone()]),
        case("make_set(agent)", "make_set", &text, &[], |batch| vec![batch.agents.clone()]),
        case("percentile(real, 95)", "percentile", &[Type::Real], &[Value::Real(95.0)], |batch| {
            vec![batch.reals.clone()]
        }),
        case("take_any(agent)", "take_any", &text, &[], |batch| vec![batch.agents.clone()]),
        case("stdev(real)", "stdev", &[Type::Real], &[], |batch| vec![batch.reals.clone()]),
        case("make_set_if(address, failed)", "make_set_if", &[Type::String, Type::Bool], &[], |batch| {
            vec![batch.addresses.clone(), batch.failed.clone()]
        }),
    ]
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let is_wanted = |label: &str| wanted.is_empty() || wanted.iter().any(|name| label.contains(name.as_str()));
    let batches = batches();
    for case in cases().iter().filter(|case| is_wanted(case.label)) {
        measure(case, &batches);
    }
    for (label, copies) in [("arg_max(time, 3)", 1), ("arg_max(time, 99)", 33)] {
        if is_wanted(label) {
            measure_rows(label, copies, &batches);
        }
    }
}

fn measure(case: &Case, batches: &[Batch]) {
    let function = aggregate(case.function).expect("a listed aggregate");
    let columns = case.types.iter().map(|ty| ArgumentInfo { ty: *ty, constant: None });
    let constants = case.constants.iter().map(|value| ArgumentInfo { ty: value.ty(), constant: Some(value.clone()) });
    let infos: Vec<ArgumentInfo> = columns.chain(constants).collect();
    let resolved = function.resolve(&infos).expect("arguments that fit");
    let args = |batch: &Batch| {
        let mut args = (case.columns)(batch);
        args.extend(case.constants.iter().map(Value::to_array));
        args
    };
    let fill = |state: &mut Box<dyn GroupState>, batches: &[Batch]| {
        for batch in batches {
            state.update(&args(batch), &batch.users, None, USERS);
            std::hint::black_box(state.size());
        }
    };
    report(case.label, USERS, |is_split| {
        let mut state = function.state(&infos, &resolved);
        if is_split {
            let all: Vec<usize> = (0..USERS).collect();
            for half in batches.chunks(batches.len().div_ceil(2)) {
                let mut part = function.state(&infos, &resolved);
                fill(&mut part, half);
                state.merge(&part.partial(USERS), &all, USERS);
            }
        } else {
            fill(&mut state, batches);
        }
        let bytes = state.size();
        std::hint::black_box(state.finish(USERS));
        bytes
    });
}

fn measure_rows(label: &str, copies: usize, batches: &[Batch]) {
    let types = vec![Type::String; 3 * copies];
    let fill = |state: &mut ArgExtremeState, batches: &[Batch]| {
        for batch in batches {
            let key = cast(&batch.times, &DataType::Int64).expect("a cast without a change of bytes");
            let three = [batch.codes.clone(), batch.agents.clone(), batch.addresses.clone()];
            let values: Vec<ArrayRef> = three.iter().cycle().take(3 * copies).cloned().collect();
            state.update(&key, &values, &batch.users, None, USERS);
            std::hint::black_box(state.size());
        }
    };
    report(label, USERS, |is_split| {
        let mut state = ArgExtremeState::new(Type::Long, &types, true);
        if is_split {
            let all: Vec<usize> = (0..USERS).collect();
            for half in batches.chunks(batches.len().div_ceil(2)) {
                let mut part = ArgExtremeState::new(Type::Long, &types, true);
                fill(&mut part, half);
                state.merge(&part.partial(USERS), &all, USERS);
            }
        } else {
            fill(&mut state, batches);
        }
        let bytes = state.size();
        let columns = state.finish(USERS);
        let key = columns[0].as_any().downcast_ref::<Int64Array>().map_or(0, |key| key.len());
        assert_eq!(key, USERS);
        bytes
    });
}
