//! Kills a process again and again while it makes calls, and compares its ledger with what the
//! provider wrote down.
//!
//! `cargo run --release -p assay-ledger --example kill_drill -- [KILLS] [SEED]`
//!
//! The child makes calls from many threads over one budget. Its provider is a file: a line is
//! written, with one system call, when a call reaches it and another when it has answered, so that
//! the file holds what a provider would charge whatever happens to the child. In the end every call
//! that the provider answered and the child settled has to be in the ledger at its cost to the
//! nano-dollar, every call that reached the provider without a settlement at what was reserved, and
//! no other; and the ledger has to agree with itself.
#![expect(clippy::print_stdout, reason = "the report is the output")]

use std::{
    collections::HashMap,
    error::Error,
    fs::{File, OpenOptions},
    io::Write,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
    time::Duration,
};

use assay_core::{NanoUsd, SystemClock, TenantScope};
use assay_ledger::{
    BudgetSpec, CallKind, Caller, Ending, Ledger, LedgerError, LedgerSettings, NewCall, Outcome,
    Usage, Window,
    prices::{Amount, PriceFile, PriceOverride},
};

/// Threads of the child that call.
const CLIENTS: u64 = 16;
/// Longest life of a child, in milliseconds.
const LIFE_MS: u64 = 400;
/// Tokens that a call may write.
const OUTPUT_MAX: u64 = 1_000;

type Failed = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [word, folder, seed] = arguments.as_slice()
        && word == "child"
    {
        return child(Path::new(folder), seed.parse()?);
    }
    let kills: u64 = arguments.first().map_or(Ok(100), |text| text.parse())?;
    let seed: u64 = arguments.get(1).map_or(Ok(1), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let mut random = Random(seed | 1);
    for round in 0..kills {
        let mut child = start(folder.path(), round)?;
        // The moment of the kill is what is random here; nothing waits for it.
        thread::sleep(Duration::from_millis(random.next() % LIFE_MS));
        // SIGKILL: the child runs nothing any more.
        child.kill()?;
        child.wait()?;
    }
    compare(folder.path(), kills)
}

fn start(folder: &Path, seed: u64) -> Result<Child, Failed> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["child", &folder.display().to_string(), &seed.to_string()]);
    Ok(command.stdout(Stdio::null()).spawn()?)
}

/// A budget large enough for a few rounds, so that refusals happen too.
fn open(folder: &Path) -> Result<Ledger, LedgerError> {
    let dollars = |text: &str| Amount(text.parse().unwrap_or_default());
    let price = PriceOverride {
        provider: "acme".to_owned(),
        model: "m".to_owned(),
        // 37.5 and 150.25 nano-dollars a token: sums are not whole before they are rounded.
        input: dollars("0.0375"),
        output: dollars("0.15025"),
        ..PriceOverride::default()
    };
    let budget = BudgetSpec {
        name: "drill".to_owned(),
        limit_usd: Some(dollars("100")),
        window: Window::Month,
        ..BudgetSpec::default()
    };
    let settings =
        LedgerSettings { prices: vec![price], budgets: vec![budget], ..LedgerSettings::default() };
    Ledger::open(&folder.join("ledger"), &PriceFile::default(), settings, Arc::new(SystemClock))
}

fn child(folder: &Path, seed: u64) -> Result<(), Failed> {
    let ledger = open(folder)?;
    let provider = OpenOptions::new().create(true).append(true).open(folder.join("provider"))?;
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (ledger, provider) = (&ledger, &provider);
                let random =
                    Random((seed * CLIENTS + client).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
                scope.spawn(move || call_for_ever(ledger, provider, random))
            })
            .collect();
        for client in clients {
            client.join().map_err(|_| "a client panicked")??;
        }
        Ok(())
    })
}

/// What the provider's file says: `+id reserved` when a call reaches it, `=id input output` when it
/// has answered, `-id` when it refused.
fn call_for_ever(ledger: &Ledger, mut provider: &File, mut random: Random) -> Result<(), Failed> {
    let caller = Caller::new(&TenantScope::built_in()).user(&format!("u{}", random.next() % 5))?;
    loop {
        let input = random.next() % 5_000;
        let new = NewCall::new(CallKind::Chat, "acme", "m", Usage::tokens(input, OUTPUT_MAX));
        let held = match ledger.reserve(&caller, &new) {
            Ok(held) => held,
            Err(LedgerError::OverBudget { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        let (id, reserved) = (held.id(), held.reserved().nanos());
        provider.write_all(format!("+{id} {reserved}\n").as_bytes())?;
        match random.next() % 20 {
            // The provider refuses.
            0 => {
                provider.write_all(format!("-{id}\n").as_bytes())?;
                held.refund();
            }
            // The client leaves without a word: a bug of the caller, charged in full.
            1 => drop(held),
            kind => {
                thread::sleep(Duration::from_micros(random.next() % 2_000));
                let output = random.next() % OUTPUT_MAX;
                provider.write_all(format!("={id} {input} {output}\n").as_bytes())?;
                let ending = [Ending::Completed, Ending::Cut, Ending::Cancelled];
                let ending = if kind < 4 { ending[usize::try_from(kind - 1)?] } else { ending[0] };
                held.settle(Usage::tokens(input, output), ending, ending != Ending::Completed);
            }
        }
    }
}

/// A call as the provider saw it.
#[derive(Debug, Default)]
struct Seen {
    reserved: u64,
    answered: Option<(u64, u64)>,
    refused: bool,
}

fn compare(folder: &Path, kills: u64) -> Result<(), Failed> {
    let ledger = open(folder)?;
    let seen = read(&std::fs::read_to_string(folder.join("provider"))?)?;
    let recount = ledger.recount()?;
    let entries = entries(&ledger)?;
    let (mut settled, mut abandoned, mut unseen) = (0_u64, 0_u64, 0_u64);
    let mut wrong = Vec::new();
    let mut sum = NanoUsd::ZERO;
    for (id, (outcome, cost)) in &entries {
        sum = sum.plus(NanoUsd::from_nanos(*cost));
        let expected = match (*outcome, seen.get(id)) {
            (Outcome::Abandoned, Some(seen)) => {
                abandoned += 1;
                Some(seen.reserved)
            }
            // Recorded, and killed before it went out.
            (Outcome::Abandoned, None) => {
                unseen += 1;
                Some(*cost)
            }
            (Outcome::Failed, Some(seen)) if seen.refused => Some(0),
            (_, Some(Seen { answered: Some((input, output)), .. })) => {
                settled += 1;
                Some(charged(*input, *output))
            }
            _ => None,
        };
        if expected != Some(*cost) {
            wrong.push(format!("{id} {outcome}: {cost} in the ledger, {expected:?} expected"));
        }
    }
    let lost: Vec<_> = seen.keys().filter(|id| !entries.contains_key(*id)).collect();
    println!("{kills} kills, {} calls reached the provider", seen.len());
    println!(
        "{settled} settled, {abandoned} charged in full, {unseen} killed before they went out"
    );
    println!("{sum} dollars by entry, {} by the recount", recount.cost);
    println!("lost {lost:?}, wrong {wrong:?}, faults {:?}", recount.faults);
    if lost.is_empty() && wrong.is_empty() && recount.faults.is_empty() && sum == recount.cost {
        return Ok(());
    }
    Err("the ledger does not agree with the provider".into())
}

/// 37.5 and 150.25 nano-dollars a token, in hundredths and rounded up once: by another way than
/// the ledger's.
fn charged(input: u64, output: u64) -> u64 {
    (input * 3_750 + output * 15_025).div_ceil(100)
}

fn read(text: &str) -> Result<HashMap<String, Seen>, Failed> {
    let mut seen: HashMap<String, Seen> = HashMap::new();
    // A line that the kill cut was not written.
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    for line in whole.lines() {
        let mut words = line.get(1..).ok_or("an empty line")?.split(' ');
        let call = seen.entry(words.next().ok_or("no id")?.to_owned()).or_default();
        let mut number = || words.next().ok_or("no number")?.parse().map_err(Failed::from);
        match line.as_bytes().first() {
            Some(b'+') => call.reserved = number()?,
            Some(b'=') => call.answered = Some((number()?, number()?)),
            _ => call.refused = true,
        }
    }
    Ok(seen)
}

/// Outcome and cost of every entry.
fn entries(ledger: &Ledger) -> Result<HashMap<String, (Outcome, u64)>, Failed> {
    let mut entries = HashMap::new();
    let mut after = None;
    loop {
        let page = ledger.entries(&TenantScope::built_in(), after, 1_000)?;
        let Some(last) = page.last() else { return Ok(entries) };
        after = Some(last.id);
        let found = page.iter().map(|it| (it.id.to_string(), (it.outcome, it.cost.nanos())));
        entries.extend(found);
    }
}

/// The generator xorshift64 of Marsaglia; the same seed kills at the same moments.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}
