//! Messages: tagged tuples that are structs and enums here, and those that the runtime sends.

use alloc::string::String;

use crate::{Decode, DecodeError, Decoder, Encode, Encoder, Patterns, Pid, Receive, Ref, Term};

/// Declares a message: a struct that is `{Tag, Field, ...}` on the wire, or an enum of such. Without fields it is the tag alone, an atom.
///
/// ```
/// use moonlet::{decode, encode, message, Term};
///
/// message! {
///     /// What a shop is told.
///     #[derive(Debug, PartialEq)]
///     pub enum Order {
///         Buy as "buy" { name: String, count: u32 },
///         Close as "close",
///     }
/// }
/// message! { #[derive(Debug, PartialEq)] struct Bought as "bought" { count: u32 } }
///
/// let order = Order::Buy { name: "plums".into(), count: 3 };
/// assert_eq!(decode::<Term>(&encode(&order)).unwrap().to_string(), r#"{buy,<<"plums">>,3}"#);
/// assert_eq!(decode::<Order>(&encode(Order::Close)), Ok(Order::Close));
/// assert_eq!(decode::<Term>(&encode(Bought { count: 1 })).unwrap().to_string(), "{bought,1}");
///
/// let wrong = decode::<Order>(&encode((moonlet::Atom::new("buy"), "plums", -1))).unwrap_err();
/// assert_eq!(wrong.to_string(), "buy.count: expected an integer from 0 to 4294967295, found -1");
/// ```
#[macro_export]
macro_rules! message {
    (
        $(#[$about:meta])*
        $visibility:vis struct $name:ident as $tag:literal $({ $($(#[$told:meta])* $shown:vis $field:ident: $type:ty),* $(,)? })? $(;)?
    ) => {
        $crate::message! { @declare [$(#[$about])* $visibility struct $name] $({ $($(#[$told])* $shown $field: $type),* })? }

        impl $crate::Encode for $name {
            fn encode(&self, to: &mut $crate::Encoder) {
                $crate::message!(@write to, $tag, [$($( (&self.$field) )*)?]);
            }
        }

        impl $crate::Decode for $name {
            fn decode(from: &mut $crate::Decoder<'_>) -> Result<Self, $crate::DecodeError> {
                let size = $crate::message!(@size $($($field)*)?);
                from.inside(|from| match from.message()? {
                    ($tag, found) if found == size => Ok($name $({ $(
                        $field: $crate::Decode::decode(from).map_err(|error: $crate::DecodeError| error.within(stringify!($field)).within($tag))?,
                    )* })?),
                    (name, found) => Err($crate::DecodeError::other_message(concat!("the message ", $tag), name, found)),
                })
            }
        }

        impl $crate::Receive for $name {
            fn patterns(to: &mut $crate::Patterns) {
                to.tagged($tag, $crate::message!(@size $($($field)*)?));
            }
        }
    };
    (
        $(#[$about:meta])*
        $visibility:vis enum $name:ident {
            $($(#[$kind:meta])* $variant:ident as $tag:literal $({ $($(#[$told:meta])* $field:ident: $type:ty),* $(,)? })?),* $(,)?
        }
    ) => {
        $(#[$about])*
        $visibility enum $name {
            $($(#[$kind])* $variant $({ $($(#[$told])* $field: $type),* })?),*
        }

        impl $crate::Encode for $name {
            fn encode(&self, to: &mut $crate::Encoder) {
                match self {
                    $($name::$variant $({ $($field),* })? => $crate::message!(@write to, $tag, [$($( $field )*)?]),)*
                }
            }
        }

        impl $crate::Decode for $name {
            fn decode(from: &mut $crate::Decoder<'_>) -> Result<Self, $crate::DecodeError> {
                from.inside(|from| match from.message()? {
                    $(($tag, found) if found == $crate::message!(@size $($($field)*)?) => Ok($name::$variant $({ $(
                        $field: $crate::Decode::decode(from).map_err(|error: $crate::DecodeError| error.within(stringify!($field)).within($tag))?,
                    )* })?),)*
                    (name, found) => Err($crate::DecodeError::other_message(concat!("a message of ", stringify!($name)), name, found)),
                })
            }
        }

        impl $crate::Receive for $name {
            fn patterns(to: &mut $crate::Patterns) {
                $(to.tagged($tag, $crate::message!(@size $($($field)*)?));)*
            }
        }
    };
    (@declare [$($head:tt)*]) => { $($head)*; };
    (@declare [$($head:tt)*] { $($fields:tt)* }) => { $($head)* { $($fields)* } };
    (@size $($field:ident)*) => { 1 $(+ { let _ = stringify!($field); 1 })* };
    (@write $to:expr, $tag:literal, []) => { $to.atom($tag) };
    (@write $to:expr, $tag:literal, [$($field:tt)+]) => {{
        $to.tuple(1 $(+ { let _ = stringify!($field); 1 })+);
        $to.atom($tag);
        $($crate::Encode::encode($field, $to);)+
    }};
}

impl<'a> Decoder<'a> {
    /// The tag of a message and its size, the tag included; its fields follow.
    #[doc(hidden)]
    pub fn message(&mut self) -> Result<(&'a str, usize), DecodeError> {
        let before = self.mark();
        let size = self.tuple().unwrap_or(1);
        match self.atom() {
            Ok(name) if size > 0 => Ok((name, size)),
            _ => {
                self.rewind(before);
                Err(self.mismatch("a message"))
            }
        }
    }
}

impl DecodeError {
    /// A message that was not expected, by its tag and size.
    #[doc(hidden)]
    pub fn other_message(expected: &str, name: &str, size: usize) -> Self {
        let found = match size {
            1 => String::from(name),
            _ => alloc::format!("{} with {} fields", name, size - 1),
        };
        DecodeError::new(expected, found)
    }
}

crate::message! {
    /// A linked process ended, and this one traps exits: `{'EXIT', From, Reason}`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Exit as "EXIT" {
        /// Who ended.
        pub from: Pid,
        /// Why.
        pub reason: Term,
    }
}

/// What was monitored is gone: `{'DOWN', Ref, process, Pid | {Name, Node}, Reason}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Down {
    /// The monitor.
    pub monitor: Ref,
    /// The pid, or `{Name, Node}` for a monitor by name.
    pub target: Term,
    /// Why.
    pub reason: Term,
}

impl Encode for Down {
    fn encode(&self, to: &mut Encoder) {
        to.tuple(5);
        to.atom("DOWN");
        self.monitor.encode(to);
        to.atom("process");
        self.target.encode(to);
        self.reason.encode(to);
    }
}

impl Decode for Down {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        match from.message()? {
            ("DOWN", 5) => {
                let monitor = Ref::decode(from)?;
                from.atom()?;
                Ok(Down { monitor, target: Term::decode(from)?, reason: Term::decode(from)? })
            }
            (name, size) => Err(DecodeError::other_message("a DOWN", name, size)),
        }
    }
}

impl Receive for Down {
    fn patterns(to: &mut Patterns) {
        to.tagged("DOWN", 5);
    }
}
