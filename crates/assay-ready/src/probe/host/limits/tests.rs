//! Limits as systemd, Docker and Kubernetes write them.

use super::*;

fn write(root: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// Memory and processor, by what `/proc/PID/cgroup` says below a root.
fn limits(root: &Path, groups: &str) -> (Option<String>, Option<String>) {
    let groups = Groups(groups.to_owned());
    let told = |value: Option<Value>| value.map(|value| value.shown());
    (told(memory_of(&groups, root)), told(processor_of(&groups, root)))
}

#[test]
fn the_least_limit_of_all_groups_counts() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let own = "0::/system.slice/assay.service\n";
    assert_eq!(limits(root, own), (None, None), "no groups are mounted here");
    write(root, &[("cgroup.controllers", "cpu memory\n")]);
    let none = Some("none".to_owned());
    assert_eq!(limits(root, own), (none.clone(), none.clone()), "nothing limits it");
    write(
        root,
        &[
            ("system.slice/memory.max", "8589934592\n"),
            ("system.slice/assay.service/memory.max", "max\n"),
            ("system.slice/assay.service/cpu.max", "max 100000\n"),
        ],
    );
    assert_eq!(limits(root, own), (Some("8589934592".to_owned()), none));
    write(root, &[("system.slice/assay.service/memory.max", "2147483648\n")]);
    assert_eq!(limits(root, own).0.as_deref(), Some("2147483648"));
    // A container sees its own group as the top, whatever its path is called on the host.
    write(root, &[("cpu.max", "200000 100000\n"), ("memory.max", "1073741824\n")]);
    let (memory, processor) = limits(root, "0::/../../docker/abc\n");
    assert_eq!((memory.as_deref(), processor.as_deref()), (Some("1073741824"), Some("2")));
}

#[test]
fn version_one_says_a_huge_number_for_no_limit() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, &[("memory/a/memory.limit_in_bytes", "9223372036854771712\n")]);
    let groups = "4:memory:/a\n1:cpu:/\n0::/\n";
    assert_eq!(limits(root, groups).0.as_deref(), Some("none"));
    write(root, &[("memory/memory.limit_in_bytes", "4096\n")]);
    assert_eq!(limits(root, groups).0.as_deref(), Some("4096"));
    let quota = [("cpu/cpu.cfs_quota_us", "-1\n"), ("cpu/cpu.cfs_period_us", "100000\n")];
    write(root, &quota);
    assert_eq!(limits(root, groups).1.as_deref(), Some("none"));
    write(root, &[("cpu/cpu.cfs_quota_us", "50000\n")]);
    assert_eq!(limits(root, groups).1.as_deref(), Some("0.5"));
}
