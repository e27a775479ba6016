//! `certpath.Policy`.
//!
//! Longer than 500 lines: pyo3 wants the members of a class in one block.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyAny, PyBool, PyDict, PyString, PyTuple, PyType};

use crate::oid;
use crate::policy::{Exception, Policy as Core, Preset, Purpose, flag};
use crate::release::{Release, Rule};

#[doc = manual!("Policy")]
#[pyclass(frozen, module = "certpath._certpath")]
#[derive(Debug)]
pub(super) struct Policy {
    inner: Core,
}

impl Policy {
    pub(super) fn new(inner: Core) -> Self {
        Self { inner }
    }

    pub(super) fn inner(&self) -> &Core {
        &self.inner
    }

    /// What is off unless it is asked for.
    fn switches(&self) -> [(&'static str, bool); 3] {
        [
            ("require_explicit_policy", self.inner.require_explicit_policy),
            ("inhibit_policy_mapping", self.inner.inhibit_policy_mapping),
            ("inhibit_any_policy", self.inner.inhibit_any_policy),
        ]
    }
}

/// The release that the `ssl` module of this interpreter links, or is taken to.
fn linked(py: Python<'_>) -> PyResult<Release> {
    static LINKED: PyOnceLock<Release> = PyOnceLock::new();
    LINKED
        .get_or_try_init(py, || {
            let version = py.import("ssl")?.getattr("OPENSSL_VERSION_INFO")?;
            let (major, minor, _, patch, _): (u32, u32, u32, u32, u32) = version.extract()?;
            Ok(Release::of_library(major, minor, patch))
        })
        .copied()
}

/// What a preset starts from here: of OpenSSL's releases, with the one that is there.
pub(super) fn default_of(py: Python<'_>, preset: Preset) -> PyResult<Core> {
    let mut policy = Core::of(preset);
    if !policy.searches() {
        policy.openssl = linked(py)?;
    }
    Ok(policy)
}

/// The rules by which releases of OpenSSL differ: for each series the first release that has it.
#[pyfunction]
pub(super) fn _openssl_rules() -> Vec<(&'static str, Vec<Option<String>>)> {
    Rule::ALL.iter().map(|rule| (rule.name(), rule.first_releases())).collect()
}

/// An argument, with its name in the complaint.
fn extract<'py, T>(value: &Bound<'py, PyAny>, argument: &str, expected: &str) -> PyResult<T>
where
    T: for<'a> FromPyObject<'a, 'py>,
{
    value.extract::<T>().map_err(|error| {
        let error: PyErr = error.into();
        // Of the right type, but no text: it says so itself (UnicodeEncodeError).
        if error.is_instance_of::<PyValueError>(value.py()) {
            return error;
        }
        let found = value.get_type().qualname().map_or_else(|_| "object".to_owned(), |name| name.to_string());
        PyTypeError::new_err(format!("{argument} must be {expected}, not {found}"))
    })
}

fn number(value: &Bound<'_, PyAny>, argument: &str, low: i64, high: i64) -> PyResult<i64> {
    let expected = "an integer";
    if value.is_instance_of::<PyBool>() {
        return Err(PyTypeError::new_err(format!("{argument} must be {expected}, not bool")));
    }
    let index = value.call_method0("__index__").map_err(|_| {
        let found = value.get_type().qualname().map_or_else(|_| "object".to_owned(), |name| name.to_string());
        PyTypeError::new_err(format!("{argument} must be {expected}, not {found}"))
    })?;
    let out_of_range =
        || PyValueError::new_err(format!("{argument} must be between {low} and {high}, not {index}"));
    let number: i64 = index.extract().map_err(|_| out_of_range())?;
    if (low..=high).contains(&number) { Ok(number) } else { Err(out_of_range()) }
}

fn truth(value: &Bound<'_, PyAny>, argument: &str) -> PyResult<bool> {
    extract::<bool>(value, argument, "a bool")
}

fn words(value: &Bound<'_, PyAny>, argument: &str) -> PyResult<Vec<String>> {
    // A text is iterable too, but one letter at a time is never what was meant.
    if value.is_instance_of::<PyString>() {
        return Err(PyTypeError::new_err(format!("{argument} must be an iterable of str, not str")));
    }
    let iterator = value
        .try_iter()
        .map_err(|_| PyTypeError::new_err(format!("{argument} must be an iterable of str")))?;
    iterator.map(|word| extract::<String>(&word?, argument, "an iterable of str")).collect()
}

/// Acceptable certificate policies; `None` for any.
fn policy_identifiers(value: &Bound<'_, PyAny>, knob: &str) -> PyResult<Option<Vec<Vec<u8>>>> {
    if value.is_none() {
        return Ok(None);
    }
    let parsed: Result<_, _> = words(value, knob)?.iter().map(|text| Core::policy_identifier(text)).collect();
    let mut policies: Vec<_> = parsed?;
    policies.sort_unstable();
    policies.dedup();
    if policies.is_empty() {
        return Err(PyValueError::new_err(
            "initial_policies is empty, so no path could be accepted; leave it out (None) for any policy",
        ));
    }
    Ok(Some(policies))
}

/// Sets one knob by its name.
fn set(policy: &mut Core, knob: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    match knob {
        "flags" if policy.searches() => {
            return Err(PyTypeError::new_err(format!(
                "Policy.{} has no flags: they are OpenSSL's, and Policy.ssl takes them",
                policy.preset.name()
            )));
        }
        "flags" => {
            policy.flags = u64::try_from(number(value, knob, 0, i64::MAX)?).unwrap_or(0);
            policy.crl_check_said = true;
        }
        "openssl" if policy.searches() => {
            return Err(PyTypeError::new_err(format!(
                "Policy.{} does not go by a release of OpenSSL: Policy.ssl does",
                policy.preset.name()
            )));
        }
        "openssl" => {
            let name = extract::<String>(value, knob, "a str")?;
            policy.openssl = Release::named(&name).ok_or_else(|| {
                let known = Release::series().collect::<Vec<_>>().join(", ");
                PyValueError::new_err(format!(
                    "openssl: unknown {name:?}; known are {known}, and releases of them, such as 3.0.19"
                ))
            })?;
        }
        "purpose" => {
            policy.purpose = Purpose::parse(&extract::<String>(value, knob, "a str")?)?;
        }
        "security_level" => {
            let level = number(value, knob, 0, i64::from(Core::MAX_SECURITY_LEVEL))?;
            policy.security_level = u8::try_from(level).unwrap_or(Core::MAX_SECURITY_LEVEL);
        }
        "hostname_checks_common_name" => policy.hostname_checks_common_name = truth(value, knob)?,
        "max_depth" => {
            let limit = if policy.searches() { Core::MAX_PROVEN_DEPTH } else { Core::MAX_DEPTH };
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            policy.max_depth = usize::try_from(number(value, knob, 0, limit)?).unwrap_or(0);
        }
        "check_time" => policy.check_time = truth(value, knob)?,
        "min_rsa_bits" => {
            policy.min_rsa_bits =
                if value.is_none() { None } else { u32::try_from(number(value, knob, 0, 1 << 20)?).ok() };
        }
        "signature_algorithms" => {
            policy.signature_algorithms = if value.is_none() {
                None
            } else {
                let names = words(value, knob)?;
                let known = names.iter().map(|name| Core::signature_algorithm(name));
                Some(known.collect::<Result<_, _>>()?)
            };
        }
        "crl_check" => {
            policy.crl_check_said = true;
            policy.flags &= !(flag::CRL_CHECK | flag::CRL_CHECK_ALL);
            if !value.is_none() {
                policy.flags |= match extract::<String>(value, knob, "'leaf', 'chain' or None")?.as_str() {
                    "leaf" => flag::CRL_CHECK,
                    "chain" => flag::CRL_CHECK | flag::CRL_CHECK_ALL,
                    other => {
                        return Err(PyValueError::new_err(format!(
                            "crl_check must be 'leaf', 'chain' or None, not {other:?}"
                        )));
                    }
                };
            }
        }
        "allow" => {
            let names = words(value, knob)?;
            let parsed: Result<Vec<_>, _> = names.iter().map(|name| Exception::parse(name)).collect();
            let wanted = parsed?;
            policy.allow = Exception::ALL.into_iter().filter(|one| wanted.contains(one)).collect();
        }
        "initial_policies" | "require_explicit_policy" | "inhibit_policy_mapping" | "inhibit_any_policy"
            if !policy.searches() =>
        {
            return Err(PyTypeError::new_err(format!(
                "Policy.ssl has no {knob}: `ssl` has flags for certificate policies (0x80, 0x100, 0x200 and 0x400) and no \
                 way to name one; the searching policies take {knob}"
            )));
        }
        "initial_policies" => policy.initial_policies = policy_identifiers(value, knob)?,
        "require_explicit_policy" => policy.require_explicit_policy = truth(value, knob)?,
        "inhibit_policy_mapping" => policy.inhibit_policy_mapping = truth(value, knob)?,
        "inhibit_any_policy" => policy.inhibit_any_policy = truth(value, knob)?,
        _ => {
            return Err(PyTypeError::new_err(format!(
                "unknown policy knob {knob:?}; the knobs are {}",
                KNOBS.join(", ")
            )));
        }
    }
    Ok(())
}

const KNOBS: [&str; 15] = [
    "flags",
    "openssl",
    "purpose",
    "security_level",
    "hostname_checks_common_name",
    "max_depth",
    "check_time",
    "min_rsa_bits",
    "signature_algorithms",
    "crl_check",
    "allow",
    "initial_policies",
    "require_explicit_policy",
    "inhibit_policy_mapping",
    "inhibit_any_policy",
];

/// A searching preset with some knobs changed.
fn preset(preset: Preset, knobs: Option<&Bound<'_, PyDict>>) -> PyResult<Policy> {
    let mut policy = Core::of(preset);
    for (knob, value) in knobs.into_iter().flat_map(PyDictMethods::iter) {
        set(&mut policy, &knob.extract::<String>()?, &value)?;
    }
    Ok(Policy::new(policy))
}

#[pymethods]
impl Policy {
    #[classattr]
    #[pyo3(name = "EXCEPTIONS")]
    fn exceptions(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, Exception::ALL.iter().map(|exception| exception.name()))
    }

    #[classattr]
    #[pyo3(name = "OPENSSL_VERSIONS")]
    fn openssl_versions(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, Release::series().collect::<Vec<_>>())
    }

    #[doc = manual!("Policy.ssl")]
    #[staticmethod]
    #[pyo3(signature = (flags = None, **knobs))]
    #[pyo3(text_signature = "(flags=0x8000, *, openssl=..., purpose='server', security_level=2, \
        hostname_checks_common_name=True, max_depth=100, check_time=True, min_rsa_bits=None, \
        signature_algorithms=None, crl_check=..., allow=...)")]
    fn ssl(
        py: Python<'_>,
        flags: Option<&Bound<'_, PyAny>>,
        knobs: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let mut policy = default_of(py, Preset::Ssl)?;
        if let Some(flags) = flags {
            set(&mut policy, "flags", flags)?;
        }
        for (knob, value) in knobs.into_iter().flat_map(PyDictMethods::iter) {
            let knob = knob.extract::<String>()?;
            // Beside flags None means "as they say"; alone, and in `replace`, that CRLs are not asked.
            if !(knob == "crl_check" && value.is_none() && flags.is_some()) {
                set(&mut policy, &knob, &value)?;
            }
        }
        Ok(Self::new(policy))
    }

    #[doc = manual!("Policy.webpki")]
    #[staticmethod]
    #[pyo3(signature = (**knobs))]
    #[pyo3(text_signature = "(*, purpose='server', security_level=2, hostname_checks_common_name=False, \
        max_depth=6, check_time=True, min_rsa_bits=None, signature_algorithms=None, crl_check=..., allow=..., \
        initial_policies=None, require_explicit_policy=False, inhibit_policy_mapping=False, \
        inhibit_any_policy=False)")]
    fn webpki(knobs: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        preset(Preset::Webpki, knobs)
    }

    #[doc = manual!("Policy.rfc5280")]
    #[staticmethod]
    #[pyo3(signature = (**knobs))]
    #[pyo3(text_signature = "(*, purpose='server', security_level=2, hostname_checks_common_name=False, \
        max_depth=6, check_time=True, min_rsa_bits=None, signature_algorithms=None, crl_check=..., allow=..., \
        initial_policies=None, require_explicit_policy=False, inhibit_policy_mapping=False, \
        inhibit_any_policy=False)")]
    fn rfc5280(knobs: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        preset(Preset::Rfc5280, knobs)
    }

    #[doc = manual!("Policy.cabf")]
    #[staticmethod]
    #[pyo3(signature = (**knobs))]
    #[pyo3(text_signature = "(*, purpose='server', security_level=2, hostname_checks_common_name=False, \
        max_depth=6, check_time=True, min_rsa_bits=None, signature_algorithms=None, crl_check=..., allow=..., \
        initial_policies=None, require_explicit_policy=False, inhibit_policy_mapping=False, \
        inhibit_any_policy=False)")]
    fn cabf(knobs: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        preset(Preset::Cabf, knobs)
    }

    #[doc = manual!("Policy.preset")]
    #[getter]
    fn preset(&self) -> &'static str {
        self.inner.preset.name()
    }

    #[doc = manual!("Policy.flags")]
    #[getter]
    fn flags(&self) -> u64 {
        self.inner.flags
    }

    #[doc = manual!("Policy.openssl")]
    #[getter]
    fn openssl(&self) -> Option<String> {
        (!self.inner.searches()).then(|| self.inner.openssl.to_string())
    }

    #[doc = manual!("Policy.purpose")]
    #[getter]
    fn purpose(&self) -> String {
        self.inner.purpose.text()
    }

    #[doc = manual!("Policy.security_level")]
    #[getter]
    fn security_level(&self) -> u8 {
        self.inner.security_level
    }

    #[doc = manual!("Policy.hostname_checks_common_name")]
    #[getter]
    fn hostname_checks_common_name(&self) -> bool {
        self.inner.hostname_checks_common_name
    }

    #[doc = manual!("Policy.max_depth")]
    #[getter]
    fn max_depth(&self) -> usize {
        self.inner.max_depth
    }

    #[doc = manual!("Policy.check_time")]
    #[getter]
    fn check_time(&self) -> bool {
        self.inner.check_time
    }

    #[doc = manual!("Policy.min_rsa_bits")]
    #[getter]
    fn min_rsa_bits(&self) -> Option<u32> {
        self.inner.min_rsa_bits
    }

    #[doc = manual!("Policy.signature_algorithms")]
    #[getter]
    fn signature_algorithms<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        self.inner.signature_algorithms.as_ref().map(|names| PyTuple::new(py, names)).transpose()
    }

    #[doc = manual!("Policy.crl_check")]
    #[getter]
    fn crl_check(&self) -> Option<&'static str> {
        if self.inner.flags & flag::CRL_CHECK == 0 {
            None
        } else if self.inner.flags & flag::CRL_CHECK_ALL == 0 {
            Some("leaf")
        } else {
            Some("chain")
        }
    }

    #[doc = manual!("Policy.allow")]
    #[getter]
    fn allow<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.inner.allow.iter().map(|exception| exception.name()))
    }

    #[doc = manual!("Policy.initial_policies")]
    #[getter]
    fn initial_policies<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let policies = self.inner.initial_policies.as_ref();
        policies.map(|policies| PyTuple::new(py, policies.iter().map(|one| oid::dotted(one)))).transpose()
    }

    #[doc = manual!("Policy.require_explicit_policy")]
    #[getter]
    fn require_explicit_policy(&self) -> bool {
        self.inner.require_explicit_policy
    }

    #[doc = manual!("Policy.inhibit_policy_mapping")]
    #[getter]
    fn inhibit_policy_mapping(&self) -> bool {
        self.inner.inhibit_policy_mapping
    }

    #[doc = manual!("Policy.inhibit_any_policy")]
    #[getter]
    fn inhibit_any_policy(&self) -> bool {
        self.inner.inhibit_any_policy
    }

    #[doc = manual!("Policy.replace")]
    #[pyo3(signature = (**changes))]
    fn replace(&self, changes: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let mut policy = self.inner.clone();
        for (knob, value) in changes.into_iter().flat_map(PyDictMethods::iter) {
            set(&mut policy, &knob.extract::<String>()?, &value)?;
        }
        Ok(Self::new(policy))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().inner == self.inner)
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.inner.hash(&mut hasher);
        hasher.finish()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let policy = &self.inner;
        let defaults = default_of(py, policy.preset)?;
        let mut arguments = Vec::new();
        if !policy.searches() {
            if policy.crl_check_said || policy.flags != defaults.flags {
                arguments.push(format!("{:#x}", policy.flags));
            }
        } else if policy.crl_check_said {
            let which = self.crl_check().map_or_else(|| "None".to_owned(), |which| format!("'{which}'"));
            arguments.push(format!("crl_check={which}"));
        }
        if policy.openssl != defaults.openssl {
            arguments.push(format!("openssl='{}'", policy.openssl));
        }
        if policy.purpose != defaults.purpose {
            arguments.push(format!("purpose='{}'", policy.purpose.text()));
        }
        if policy.security_level != defaults.security_level {
            arguments.push(format!("security_level={}", policy.security_level));
        }
        if policy.hostname_checks_common_name != defaults.hostname_checks_common_name {
            let value = if policy.hostname_checks_common_name { "True" } else { "False" };
            arguments.push(format!("hostname_checks_common_name={value}"));
        }
        if policy.max_depth != defaults.max_depth {
            arguments.push(format!("max_depth={}", policy.max_depth));
        }
        if !policy.check_time {
            arguments.push("check_time=False".to_owned());
        }
        if let Some(bits) = policy.min_rsa_bits {
            arguments.push(format!("min_rsa_bits={bits}"));
        }
        if let Some(names) = &policy.signature_algorithms {
            let quoted: Vec<_> = names.iter().map(|name| format!("'{name}'")).collect();
            arguments.push(format!("signature_algorithms=[{}]", quoted.join(", ")));
        }
        if policy.allow != defaults.allow {
            let quoted: Vec<_> = policy.allow.iter().map(|one| format!("'{}'", one.name())).collect();
            arguments.push(format!("allow=[{}]", quoted.join(", ")));
        }
        if let Some(policies) = &policy.initial_policies {
            let quoted: Vec<_> = policies.iter().map(|one| format!("'{}'", oid::dotted(one))).collect();
            arguments.push(format!("initial_policies=[{}]", quoted.join(", ")));
        }
        let switches = self.switches().into_iter().filter(|(_, on)| *on);
        arguments.extend(switches.map(|(knob, _)| format!("{knob}=True")));
        Ok(format!("Policy.{}({})", policy.preset.name(), arguments.join(", ")))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyType>,))> {
        let keywords = PyDict::new(py);
        let policy = &self.inner;
        if !policy.searches() {
            keywords.set_item("openssl", policy.openssl.to_string())?;
        }
        keywords.set_item("purpose", policy.purpose.text())?;
        keywords.set_item("security_level", policy.security_level)?;
        keywords.set_item("hostname_checks_common_name", policy.hostname_checks_common_name)?;
        keywords.set_item("max_depth", policy.max_depth)?;
        keywords.set_item("check_time", policy.check_time)?;
        keywords.set_item("min_rsa_bits", policy.min_rsa_bits)?;
        keywords.set_item("signature_algorithms", self.signature_algorithms(py)?)?;
        keywords.set_item("allow", self.allow(py)?)?;
        if policy.searches() {
            keywords.set_item("initial_policies", self.initial_policies(py)?)?;
            for (knob, on) in self.switches() {
                keywords.set_item(knob, on)?;
            }
        }
        let caller = py.import("operator")?.getattr("methodcaller")?;
        if policy.searches() && policy.crl_check_said {
            keywords.set_item("crl_check", self.crl_check())?;
        }
        let remake = if policy.searches() || !policy.crl_check_said {
            caller.call((policy.preset.name(),), Some(&keywords))?
        } else {
            caller.call((policy.preset.name(), policy.flags), Some(&keywords))?
        };
        Ok((remake, (py.get_type::<Self>(),)))
    }
}
