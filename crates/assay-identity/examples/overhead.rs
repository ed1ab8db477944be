//! What the check of a credential costs a request: `cargo run -p assay-identity --example overhead`.
#![expect(clippy::print_stdout, reason = "it prints its figures")]

use std::{sync::Arc, time::Instant};

use assay_core::{SystemClock, TenantScope};
use assay_identity::{
    Actor, AuthSettings, Event, Identities, IdentityError, NewKey, Permission, Role,
};

/// Checks of each kind.
const CHECKS: u32 = 100_000;
/// Keys that are warm at the same time.
const KEYS: usize = 1_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let identities =
        Identities::open(folder.path(), AuthSettings::default(), Arc::new(SystemClock))?;
    let (actor, keys) = (Actor::operator(), keys(&identities)?);
    let warm = micros(|number| {
        let key = &keys[number % keys.len()];
        let caller = identities.authenticate(key, Some("default"))?;
        caller.may(Permission::ContentRead)
    })?;
    println!("a warm key, its rights included: {warm:.1} µs, {KEYS} keys");
    let invented = format!("{}a", &keys[0][..keys[0].len() - 1]);
    let refused = micros(|_| {
        assert!(identities.authenticate(&invented, None).is_err());
        Ok(())
    })?;
    println!("a mistyped key: {refused:.1} µs");
    let start = Instant::now();
    for number in 0..200 {
        identities
            .record(actor.clone(), Event::done("document.add", format!("document:{number}")))?;
    }
    println!(
        "a line of the audit log, one after the other: {:.1} ms",
        start.elapsed().as_secs_f64() * 5.0
    );
    Ok(())
}

/// Keys of a member of the platform tenant.
fn keys(identities: &Identities) -> Result<Vec<String>, IdentityError> {
    let (actor, tenant) = (Actor::operator(), TenantScope::built_in());
    let user = identities.create_user(&actor, "ada")?;
    identities.set_member(&actor, None, &tenant, "ada", Role::Member)?;
    (0..KEYS)
        .map(|number| {
            let new = NewKey {
                name: number.to_string(),
                principal: user.id,
                scopes: None,
                expires_ms: None,
            };
            Ok(identities.create_key(&actor, &tenant, new)?.key.expose().to_owned())
        })
        .collect()
}

/// Microseconds of the processor that a call takes on average, once everything was touched.
fn micros(mut call: impl FnMut(usize) -> Result<(), IdentityError>) -> Result<f64, IdentityError> {
    (0..KEYS).try_for_each(&mut call)?;
    let start = processor_seconds();
    (0..CHECKS as usize).try_for_each(&mut call)?;
    Ok((processor_seconds() - start) * 1e6 / f64::from(CHECKS))
}

/// What this process has taken of the processor, in steps of 10 ms; 0 where Linux does not say.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}
