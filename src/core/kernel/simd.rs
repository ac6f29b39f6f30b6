//! Run-time choice of instruction set. A kernel is written once, as an `#[inline(always)]` function, and
//! compiled for the baseline, AVX2 and AVX-512; all three give the same bits, as they use integers and
//! correctly rounded single operations only. This is the one module of the core that may use `unsafe`.

use std::sync::OnceLock;

/// Instruction set in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What every processor of the target has.
    Baseline,
    /// x86-64 with AVX2.
    Avx2,
    /// x86-64 with AVX-512 F, BW, DQ and VL.
    Avx512,
}

/// The level that this process uses: the best that the processor has, or less if `SHAREDSAVINGS_SIMD` says
/// `baseline` or `avx2`.
#[must_use]
pub fn level() -> Level {
    static LEVEL: OnceLock<Level> = OnceLock::new();
    *LEVEL.get_or_init(|| {
        let most = match std::env::var("SHAREDSAVINGS_SIMD").as_deref() {
            Ok("baseline") => Level::Baseline,
            Ok("avx2") => Level::Avx2,
            _ => Level::Avx512,
        };
        best().min(most)
    })
}

/// The best level that this processor has.
#[must_use]
pub fn best() -> Level {
    static BEST: OnceLock<Level> = OnceLock::new();
    *BEST.get_or_init(detect)
}

#[cfg(target_arch = "x86_64")]
fn detect() -> Level {
    let avx2 = is_x86_feature_detected!("avx2");
    let avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl");
    match (avx2, avx512) {
        (true, true) => Level::Avx512,
        (true, false) => Level::Avx2,
        _ => Level::Baseline,
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn detect() -> Level {
    Level::Baseline
}

/// `dispatch!(fn name(arg: Type, ...) -> Ret = body);` defines `name(level, arg, ...)`, which runs `body`
/// compiled for the level.
macro_rules! dispatch {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),* $(,)?) -> $ret:ty = $body:path) => {
        $(#[$meta])*
        #[allow(unsafe_code)]
        $vis fn $name(level: $crate::core::kernel::Level, $($arg: $ty),*) -> $ret {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn avx2($($arg: $ty),*) -> $ret { $body($($arg),*) }
                #[target_feature(enable = "avx2,avx512f,avx512bw,avx512dq,avx512vl")]
                fn avx512($($arg: $ty),*) -> $ret { $body($($arg),*) }
                match level.min($crate::core::kernel::best()) {
                    // SAFETY: the level is at most what the processor was found to have.
                    $crate::core::kernel::Level::Avx512 => return unsafe { avx512($($arg),*) },
                    // SAFETY: as above.
                    $crate::core::kernel::Level::Avx2 => return unsafe { avx2($($arg),*) },
                    $crate::core::kernel::Level::Baseline => {}
                }
            }
            let _ = level;
            $body($($arg),*)
        }
    };
}
pub(crate) use dispatch;
