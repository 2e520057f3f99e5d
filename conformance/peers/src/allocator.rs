//! The allocator, which counts.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

/// Counts allocations. That takes a handful of instructions each, which every contender pays alike;
/// but all threads write the counts, which would be most of what several threads measure.
#[cfg_attr(feature = "count-allocations", global_allocator)]
static GLOBAL: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Returns whether allocations are counted.
pub const fn counts() -> bool {
    cfg!(feature = "count-allocations")
}

/// Begins to count.
///
/// # Panics
///
/// Panics if allocations are not counted.
pub fn region() -> Region<'static, System> {
    assert!(counts(), "the feature count-allocations is off");
    Region::new(GLOBAL)
}
