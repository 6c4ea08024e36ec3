//! The secrets asked for, all or none.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::args::{Encoding, GetArgs, GetFormat};
use crate::error::{Denied, Error};
use crate::output::{Answer, Destination, IfExists, Newline, check_file, json};
use crate::settings::{Settings, UsageError};
use crate::timestamp::Timestamp;
use crate::vault::error::Operation;
use crate::vault::reference::SecretRef;
use crate::vault::secret_bundle::SecretBundle;
use crate::vault::url::VaultUrl;

use super::{Opened, Session};

/// The time for all of it where no `--timeout` is given.
pub const BUDGET: Duration = Duration::from_secs(60);

/// What to get and how to hand it over, checked before anything is asked.
pub struct Plan {
    secrets: Vec<(VaultUrl, SecretRef)>,
    format: GetFormat,
    newline: Newline,
    decode: Option<Encoding>,
    destination: Destination,
}

impl Plan {
    /// Reads the references and checks that the options fit together.
    ///
    /// # Errors
    /// A reference is malformed or has no vault; the file may not be written.
    pub fn of(args: &GetArgs, settings: &Settings) -> Result<Self, Error> {
        let mut secrets = Vec::with_capacity(args.references.len());
        for text in &args.references {
            let secret =
                SecretRef::parse(text, &settings.suffixes).map_err(|reason| UsageError::of("REF", text, reason))?;
            let vault = secret.vault.clone().or_else(|| settings.vault.as_ref().map(|v| v.value.clone()));
            let vault = vault.ok_or_else(|| {
                UsageError::of(
                    "REF",
                    text,
                    "no vault is named: give --vault or set AZFOB_VAULT, or use a whole identifier",
                )
            })?;
            settings.authority_for(&vault)?;
            secrets.push((vault, secret));
        }
        if args.decode.is_some() && args.output == GetFormat::Json {
            return Err(
                UsageError("--decode: JSON cannot carry the decoded bytes; use it with -o text".to_owned()).into()
            );
        }
        if args.decode.is_some() && secrets.len() > 1 {
            return Err(UsageError("--decode: expected one REF; decoded bytes cannot stand on lines".to_owned()).into());
        }
        let destination = match &args.out_file {
            None => Destination::Stdout,
            Some(path) => {
                let if_exists = if args.force { IfExists::Replace } else { IfExists::Fail };
                check_file(path, if_exists)?;
                Destination::File(path.clone(), if_exists)
            }
        };
        let newline = if args.no_newline { Newline::Never } else { Newline::OnTerminal };
        Ok(Plan { secrets, format: args.output, newline, decode: args.decode, destination })
    }
}

/// Gets them.
///
/// # Errors
/// The one failure, or all of them where several secrets failed.
pub fn run(plan: &Plan, session: &Session) -> Result<Answer, Error> {
    let bundles = fetch(&plan.secrets, session)?;
    let now = Timestamp::now();
    let warnings = bundles.iter().flat_map(|bundle| dates(bundle, now)).collect();
    let (bytes, newline) = match plan.format {
        GetFormat::Json => (json_of(&bundles), Newline::Never),
        // Several values end with a newline of their own, which a terminal does not need twice.
        GetFormat::Text if bundles.len() > 1 => (text_of(&bundles, plan)?, Newline::Never),
        GetFormat::Text => (text_of(&bundles, plan)?, plan.newline),
    };
    Ok(Answer { bytes, newline, destination: plan.destination.clone(), warnings })
}

/// Opens each vault once and asks it for its secrets, in the order they were named.
fn fetch(secrets: &[(VaultUrl, SecretRef)], session: &Session) -> Result<Vec<SecretBundle>, Error> {
    let mut opened: BTreeMap<&VaultUrl, Opened> = BTreeMap::new();
    for (url, secret) in secrets {
        if !opened.contains_key(url) {
            opened.insert(url, session.open(url, Operation::Get(secret.to_string()))?);
        }
    }
    let (mut bundles, mut errors) = (Vec::with_capacity(secrets.len()), Vec::new());
    for (url, secret) in secrets {
        let selected = &opened[url].selected;
        match session.vault(url).get(secret, &selected.token) {
            Ok(bundle) => bundles.push(bundle),
            Err(error) => errors.push(Denied::to(selected, *error)),
        }
    }
    match errors.len() {
        0 => Ok(bundles),
        1 => Err(errors.remove(0)),
        _ => Err(Error::Several(errors)),
    }
}

/// A vault hands out secrets that are past their time, or ahead of it, as if they were good.
fn dates(bundle: &SecretBundle, now: Timestamp) -> Option<String> {
    let name = bundle.properties.name();
    let expired = bundle.properties.expired(now).map(|t| format!("the secret '{name}' expired on {}", t.date()));
    expired.or_else(|| {
        bundle
            .properties
            .not_yet_valid(now)
            .map(|t| format!("the secret '{name}' is not meant to be used before {}", t.date()))
    })
}

/// One value to the byte; several on a line each.
fn text_of(bundles: &[SecretBundle], plan: &Plan) -> Result<Zeroizing<Vec<u8>>, Error> {
    if let ([bundle], Some(Encoding::Base64)) = (bundles, plan.decode) {
        return decode_base64(bundle);
    }
    let room = bundles.iter().map(|bundle| bundle.value.expose().len() + 1).sum();
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    for (place, bundle) in bundles.iter().enumerate() {
        if place > 0 {
            bytes.push(b'\n');
        }
        bytes.extend_from_slice(bundle.value.expose().as_bytes());
    }
    if bundles.len() > 1 && plan.newline != Newline::Never {
        bytes.push(b'\n');
    }
    Ok(bytes)
}

fn json_of(bundles: &[SecretBundle]) -> Zeroizing<Vec<u8>> {
    match bundles {
        [one] => json::to_bytes(&json::secret(one)),
        several => json::to_bytes(&Value::Array(several.iter().map(json::secret).collect())),
    }
}

/// Base64 as anybody writes it: with or without padding, on one line or on many.
fn decode_base64(bundle: &SecretBundle) -> Result<Zeroizing<Vec<u8>>, Error> {
    let compact: Zeroizing<Vec<u8>> =
        Zeroizing::new(bundle.value.expose().bytes().filter(|b| !b.is_ascii_whitespace()).collect());
    let alphabet = if compact.contains(&b'-') || compact.contains(&b'_') {
        base64::alphabet::URL_SAFE
    } else {
        base64::alphabet::STANDARD
    };
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let decoded = GeneralPurpose::new(&alphabet, config).decode(&*compact);
    decoded.map(Zeroizing::new).map_err(|error| Error::Decode {
        name: bundle.properties.name().to_owned(),
        // The library's words quote the byte at fault; its place says enough.
        reason: match error {
            base64::DecodeError::InvalidByte(at, _) => format!("the character at {at} is not of its alphabet"),
            _ => "its length is not that of base64".to_owned(),
        },
    })
}
