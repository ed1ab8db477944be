//! Values for the parameters of a statement.

use rusqlite::ToSql;

/// A list of values: `[]`, an array of one type, or what `params!` makes.
pub trait Params {
    /// Hands the values to `take`.
    fn with<R>(&self, take: impl FnOnce(&[&dyn ToSql]) -> R) -> R;
}

impl Params for &[&dyn ToSql] {
    fn with<R>(&self, take: impl FnOnce(&[&dyn ToSql]) -> R) -> R {
        take(self)
    }
}

// One type only, so that `[]` needs none.
impl Params for [&(dyn ToSql + Send + Sync); 0] {
    fn with<R>(&self, take: impl FnOnce(&[&dyn ToSql]) -> R) -> R {
        take(&[])
    }
}

macro_rules! arrays {
    ($($length:literal)*) => {$(
        impl<T: ToSql> Params for [T; $length] {
            fn with<R>(&self, take: impl FnOnce(&[&dyn ToSql]) -> R) -> R {
                take(&self.each_ref().map(|value| value as &dyn ToSql))
            }
        }
    )*};
}

arrays! { 1 2 3 4 5 6 7 8 }
