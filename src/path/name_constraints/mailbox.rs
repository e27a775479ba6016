//! Mailboxes under constraints (RFC 5280 4.2.1.10, RFC 9598).

use super::host::{covers, is_base, is_host, split_final_dot};

/// A mailbox (RFC 5321 4.1.2) that nobody reads in two ways.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Mailbox<'a> {
    local: &'a [u8],
    host: &'a [u8],
    /// The host had a final dot.
    pub(super) dotted: bool,
}

impl<'a> Mailbox<'a> {
    /// An rfc822Name. `None` if it has to be rejected below constraints on e-mail: quoted local parts and
    /// comments, source routes, `%` and `!`, which route (RFC 5321 F.2, RFC 1123 5.2.16), address literals,
    /// hosts that are not hosts.
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        text.is_ascii().then(|| Self::split(text)).flatten()
    }

    /// A SmtpUTF8Mailbox: the same with other characters in the local part. The domain has A-labels, no
    /// U-labels (RFC 9598 3).
    pub(super) fn read_utf8(text: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        text.chars().all(|character| !character.is_control()).then(|| Self::split(text.as_bytes())).flatten()
    }

    fn split(text: &'a [u8]) -> Option<Self> {
        let (local, host) = halves(text)?;
        let (host, dotted) = split_final_dot(host);
        let routed = local.iter().any(|octet| matches!(octet, b'%' | b'!'));
        (is_dot_atom(local) && !routed && is_host(host)).then_some(Self { local, host, dotted })
    }
}

/// The base of a constraint.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Base<'a> {
    /// One mailbox.
    Mailbox(Mailbox<'a>),
    /// All of a host or, with a leading dot, of the hosts below a domain.
    Host(&'a [u8]),
}

impl<'a> Base<'a> {
    /// `None` if it is not one: then nothing can be said about any mailbox.
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        match halves(text) {
            None => is_base(text).then_some(Self::Host(text)),
            Some((local, host)) => (is_dot_atom(local) && text.is_ascii() && is_host(host))
                .then_some(Self::Mailbox(Mailbox { local, host, dotted: false })),
        }
    }

    /// RFC 5280 7.5: the local part octet for octet, the host without regard to case.
    pub(super) fn covers(&self, mailbox: &Mailbox<'_>) -> bool {
        match self {
            Self::Mailbox(base) => {
                base.local == mailbox.local && mailbox.host.eq_ignore_ascii_case(base.host)
            }
            Self::Host(base) => covers(base, mailbox.host),
        }
    }
}

/// What stands before and after the only `@`.
fn halves(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut halves = text.split(|&octet| octet == b'@');
    let (local, host) = (halves.next()?, halves.next()?);
    halves.next().is_none().then_some((local, host))
}

/// RFC 5322 3.2.3, with whatever is beyond ASCII (RFC 6532 3.2).
fn is_dot_atom(local: &[u8]) -> bool {
    let in_atom = |octet: &u8| {
        octet.is_ascii_alphanumeric() || !octet.is_ascii() || b"!#$%&'*+-/=?^_`{|}~".contains(octet)
    };
    local.split(|&octet| octet == b'.').all(|atom| !atom.is_empty() && atom.iter().all(in_atom))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covered(mailbox: &str, base: &str) -> Option<bool> {
        let base = Base::read(base.as_bytes()).expect(base);
        Some(base.covers(&Mailbox::read(mailbox.as_bytes())?))
    }

    #[test]
    fn bases_are_mailboxes_hosts_or_domains() {
        for (mailbox, base, expected) in [
            ("a@evil.test", "evil.test", true),
            ("a@EVIL.test", "evil.TEST", true),
            ("a@evil.test.", "evil.test", true),
            ("a@www.evil.test", "evil.test", false),
            ("a@www.evil.test", ".evil.test", true),
            ("a@www.evil.test.", ".evil.test", true),
            ("a@evil.test", ".evil.test", false),
            ("a@notevil.test", "evil.test", false),
            ("a@evil.test", "a@evil.test", true),
            ("a@EVIL.test.", "a@evil.test", true),
            ("A@evil.test", "a@evil.test", false),
            ("b@evil.test", "a@evil.test", false),
            ("*@evil.test", "*@evil.test", true),
            ("a@evil.test", "*@evil.test", false),
            ("a@localhost", "localhost", true),
        ] {
            assert_eq!(covered(mailbox, base), Some(expected), "{mailbox} in {base}");
        }
    }

    #[test]
    fn mailboxes_that_could_be_read_in_two_ways_are_none() {
        for text in [
            "",
            "@",
            "a",
            "a@",
            "@evil.test",
            "evil.test",
            "a@b@evil.test",
            "a@evil.test@",
            "a@evil.test..",
            "a@.evil.test",
            "a@evil..test",
            "a@evil.test ",
            " a@evil.test",
            "a @evil.test",
            "a@ evil.test",
            "\"a\"@evil.test",
            "\"a@b\"@evil.test",
            "\"a\\@b\"@evil.test",
            "(c)a@evil.test",
            "a(c)@evil.test",
            "a@evil.test(c)",
            "a@(c)evil.test",
            "<a@evil.test>",
            "Name <a@evil.test>",
            "@x.test:a@evil.test",
            "@x.test,@y.test:a@evil.test",
            "a%evil.test@good.test",
            "evil.test!a@good.test",
            "a@[192.0.2.1]",
            "a@[IPv6:::1]",
            "a@192.0.2.1",
            "a@1",
            "a@ev\u{ed}l.test",
            "\u{fc}@evil.test",
            "a@evil.test\0",
            "a\0@evil.test",
            "a@evil.test\0.good.test",
            "a@evil.test,b@good.test",
            "a;b@evil.test",
            "a.@evil.test",
            ".a@evil.test",
            "a..b@evil.test",
            "a@*.evil.test",
            "a@evil.test/",
            "a@evil.test:25",
            "a@-evil.test",
            "mailto:a@evil.test",
        ] {
            assert_eq!(Mailbox::read(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn utf8_mailboxes_have_a_labels() {
        let read = |text: &str| Mailbox::read_utf8(text.as_bytes()).map(|mailbox| mailbox.host.to_vec());
        assert_eq!(read("\u{fc}@evil.test"), Some(b"evil.test".to_vec()));
        assert_eq!(read("\u{fc}@xn--bcher-kva.test."), Some(b"xn--bcher-kva.test".to_vec()));
        for text in [
            "\u{fc}@b\u{fc}cher.test",
            "a@\u{ff45}vil.test",
            "a@evil\u{3002}test",
            "\u{85}@evil.test",
            "\"\u{fc}\"@x.y",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
        assert_eq!(Mailbox::read_utf8(b"\xff@evil.test"), None);
        let base = Base::read(b"a@evil.test").unwrap();
        assert!(base.covers(&Mailbox::read_utf8(b"a@evil.test").unwrap()));
        assert!(!base.covers(&Mailbox::read_utf8("\u{e0}@evil.test".as_bytes()).unwrap()));
    }

    #[test]
    fn bases_that_are_none_cover_nothing_and_exclude_nothing() {
        for text in [
            "",
            ".",
            "@",
            "@evil.test",
            "a@",
            "a@b@c",
            "evil.test.",
            "a@evil.test.",
            "..evil.test",
            "a@.evil.test",
            "*.evil.test",
            "\"a\"@evil.test",
            "a@[192.0.2.1]",
            "192.0.2.1",
            "b\u{fc}cher.test",
            "\u{fc}@evil.test",
            "evil.test\0",
            "a b@c",
        ] {
            assert_eq!(Base::read(text.as_bytes()), None, "{text:?}");
        }
    }
}
