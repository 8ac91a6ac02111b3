//! Sealing of secrets at rest: XChaCha20-Poly1305 under a master key, with what the secret belongs to as
//! associated data, so that a sealed value moved to another row does not open.
//!
//! A [`Keyring`] holds one key or several. The first seals; all of them open, found by their id, which is stored
//! beside every sealed value. That is how keys are replaced while the server runs.

use std::fmt;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// Bytes of a master key.
const KEY_BYTES: usize = 32;
/// Bytes of a nonce; random ones of this length never repeat in practice.
const NONCE_BYTES: usize = 24;

/// A secret under seal.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Which master key opens it.
    pub key_id: String,
    /// Nonce and ciphertext, base64.
    pub text: String,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed(key {})", self.key_id)
    }
}

/// Why a secret cannot be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultError {
    /// The key is not at hand.
    UnknownKey(String),
    /// The value was changed, or belongs to something else.
    Broken,
    /// The system has no random source to read.
    NoRandom,
    /// The key file cannot be read any more, so nothing may be sealed with a key that is perhaps gone.
    KeyFile(String),
}

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownKey(id) => write!(
                f,
                "a secret is sealed with master key {id}, which is not among the keys given; start with the key that \
                 sealed it in DESKHAND_MASTER_KEY or the key file"
            ),
            Self::Broken => f.write_str("a sealed secret was altered or moved and does not open"),
            Self::NoRandom => f.write_str("the system's random source cannot be read"),
            Self::KeyFile(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for VaultError {}

/// A key that seals secrets.
#[derive(Clone)]
pub struct MasterKey {
    id: String,
    key: Zeroizing<[u8; KEY_BYTES]>,
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.id)
    }
}

impl MasterKey {
    fn new(key: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        // The id tells nothing of the key: it is a hash of it under a name of its own.
        let digest = Sha256::new()
            .chain_update(b"deskhand: id of a master key")
            .chain_update(key.as_slice())
            .finalize();
        Self {
            id: URL_SAFE_NO_PAD.encode(&digest[..6]),
            key,
        }
    }

    /// A new key from the system's random source.
    ///
    /// # Errors
    /// When the system has no random source to read.
    pub fn random() -> Result<Self, VaultError> {
        let mut key = Zeroizing::new([0_u8; KEY_BYTES]);
        getrandom::fill(key.as_mut_slice()).map_err(|_| VaultError::NoRandom)?;
        Ok(Self::new(key))
    }

    /// Reads a key: 32 bytes as base64 (either alphabet) or 64 hexadecimal digits.
    ///
    /// # Errors
    /// Says what a key looks like; never repeats the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let bytes = Zeroizing::new(if text.len() == 2 * KEY_BYTES {
            unhex(text).unwrap_or_default()
        } else {
            let unpadded = text.trim_end_matches('=');
            let standard = base64::engine::general_purpose::STANDARD_NO_PAD.decode(unpadded);
            standard
                .or_else(|_| URL_SAFE_NO_PAD.decode(unpadded))
                .unwrap_or_default()
        });
        let key: [u8; KEY_BYTES] = bytes.as_slice().try_into().map_err(|_| {
            "a master key is 32 random bytes as base64 or hexadecimal; `deskhand key generate` makes one".to_owned()
        })?;
        Ok(Self::new(Zeroizing::new(key)))
    }

    /// Names the key without telling anything of it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key itself as base64, to be shown to whoever made it.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(self.key.as_slice()))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(*self.key))
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::try_from(digit(*pair.first()?)? * 16 + digit(*pair.get(1)?)?).ok())
        .collect()
}

/// The master keys at hand; the first seals.
pub struct Keyring {
    keys: RwLock<Vec<MasterKey>>,
    /// Where they were read, to be read again when an unknown key turns up.
    file: Option<PathBuf>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

impl Keyring {
    /// Reads keys separated by commas, as `DESKHAND_MASTER_KEY` holds them.
    ///
    /// # Errors
    /// Says what a key looks like.
    pub fn parse(text: &str) -> Result<Self, String> {
        Ok(Self {
            keys: RwLock::new(keys(text.split(','))?),
            file: None,
        })
    }

    /// Reads the keys of a file, one a line, the newest first.
    ///
    /// # Errors
    /// When the file cannot be read, others than its owner may read it, or it holds no keys.
    pub fn read(file: &Path) -> Result<Self, String> {
        Ok(Self {
            keys: RwLock::new(read_keys(file)?),
            file: Some(file.to_owned()),
        })
    }

    /// Reads the keys of a file, or makes the file with a new key when there is none; says whether it was made.
    /// Only its owner may read it.
    ///
    /// # Errors
    /// When it can be neither read nor made.
    pub fn read_or_create(file: &Path) -> Result<(Self, bool), String> {
        if file.exists() {
            return Ok((Self::read(file)?, false));
        }
        let key = MasterKey::random().map_err(|error| error.to_string())?;
        match create_whole(file, &format!("{}\n", key.reveal().as_str())) {
            Ok(()) => Ok((Self::read(file)?, true)),
            // Another process was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok((Self::read(file)?, false)),
            Err(error) => Err(format!("the key file {} cannot be made: {error}", file.display())),
        }
    }

    /// Puts a new key first in a key file; the others stay, to open what they sealed. Returns its id.
    ///
    /// # Errors
    /// When the keys came from no file, or it cannot be written.
    pub fn add_to_file(&self) -> Result<String, String> {
        let key = MasterKey::random().map_err(|error| error.to_string())?;
        self.rewrite_file(|keys| keys.insert(0, key))?;
        Ok(self.sealing_id())
    }

    /// Keeps only the key that seals in a key file; returns the ids of those that went. Nothing may be sealed with
    /// them any more.
    ///
    /// # Errors
    /// When the keys came from no file, or it cannot be written.
    pub fn drop_old_from_file(&self) -> Result<Vec<String>, String> {
        let mut dropped = Vec::new();
        self.rewrite_file(|keys| dropped = keys.drain(1..).map(|key| key.id).collect())?;
        Ok(dropped)
    }

    fn rewrite_file(&self, change: impl FnOnce(&mut Vec<MasterKey>)) -> Result<(), String> {
        let Some(file) = &self.file else {
            return Err("the keys come from DESKHAND_MASTER_KEY: change them there".to_owned());
        };
        let cannot = |error: io::Error| format!("the key file {} cannot be written: {error}", file.display());
        // Whoever makes this file has the turn.
        let new = file.with_extension("new");
        let mut made = create_private(&new).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => format!(
                "another process changes the key file {0}, or was stopped while it did; if none runs, remove {1}",
                file.display(),
                new.display()
            ),
            _ => cannot(error),
        })?;
        let keys = read_keys(file).and_then(|mut keys| {
            change(&mut keys);
            let text: Zeroizing<String> =
                Zeroizing::new(keys.iter().map(|key| format!("{}\n", key.reveal().as_str())).collect());
            made.write_all(text.as_bytes())
                .and_then(|()| made.sync_all())
                .and_then(|()| std::fs::rename(&new, file))
                .map_err(cannot)?;
            Ok(keys)
        });
        if keys.is_err() {
            let _ = std::fs::remove_file(&new);
        }
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys?;
        Ok(())
    }

    /// Whether the keys come from a file.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.file.is_some()
    }

    /// Reads the key file again, if the keys come from one.
    fn refresh(&self) -> Result<(), String> {
        if let Some(file) = &self.file {
            *self.keys.write().unwrap_or_else(PoisonError::into_inner) = read_keys(file)?;
        }
        Ok(())
    }

    fn keys(&self) -> Vec<MasterKey> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn find(&self, id: &str) -> Option<MasterKey> {
        self.keys().into_iter().find(|key| key.id == id)
    }

    /// Id of the key that seals.
    #[must_use]
    pub fn sealing_id(&self) -> String {
        self.keys().first().map(|key| key.id.clone()).unwrap_or_default()
    }

    /// Ids of all keys, the sealing one first.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        self.keys().into_iter().map(|key| key.id).collect()
    }

    /// Seals `secret` for `context`, which names what it belongs to. A key file is read again first: another process
    /// may have put a new key there, and the older one is not for sealing any more.
    ///
    /// # Errors
    /// When the system has no random source to read, or the key file cannot be read.
    pub fn seal(&self, context: &str, secret: &[u8]) -> Result<Sealed, VaultError> {
        self.refresh().map_err(VaultError::KeyFile)?;
        let keys = self.keys();
        let key = keys.first().ok_or(VaultError::Broken)?;
        let mut nonce = [0_u8; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| VaultError::NoRandom)?;
        let payload = Payload {
            msg: secret,
            aad: context.as_bytes(),
        };
        let sealed = key
            .cipher()
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| VaultError::Broken)?;
        let mut bytes = nonce.to_vec();
        bytes.extend_from_slice(&sealed);
        Ok(Sealed {
            key_id: key.id.clone(),
            text: STANDARD.encode(bytes),
        })
    }

    /// Opens what was sealed for the same `context`. When the key is unknown and keys come from a file, the file is
    /// read again: another process may have put a new key there.
    ///
    /// # Errors
    /// When the key is not at hand, or the value was altered or sealed for something else.
    pub fn open(&self, context: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let mut key = self.find(&sealed.key_id);
        if key.is_none() && self.refresh().is_ok() {
            key = self.find(&sealed.key_id);
        }
        let key = key.ok_or_else(|| VaultError::UnknownKey(sealed.key_id.clone()))?;
        let bytes = STANDARD.decode(&sealed.text).map_err(|_| VaultError::Broken)?;
        let (nonce, ciphertext) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(VaultError::Broken)?;
        let payload = Payload {
            msg: ciphertext,
            aad: context.as_bytes(),
        };
        key.cipher()
            .decrypt(&XNonce::from(*nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| VaultError::Broken)
    }
}

fn keys<'a>(texts: impl Iterator<Item = &'a str>) -> Result<Vec<MasterKey>, String> {
    let keys = texts
        .filter(|text| !text.trim().is_empty())
        .map(MasterKey::parse)
        .collect::<Result<Vec<_>, _>>()?;
    if keys.is_empty() {
        return Err("there is no master key; `deskhand key generate` makes one".to_owned());
    }
    Ok(keys)
}

fn read_keys(file: &Path) -> Result<Vec<MasterKey>, String> {
    let wrong = |why: String| format!("the key file {}: {why}", file.display());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(file)
            .map_err(|error| wrong(error.to_string()))?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            return Err(wrong(
                "others than its owner may read it; run `chmod 600` on it".to_owned(),
            ));
        }
    }
    let text = Zeroizing::new(std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?);
    keys(text.lines()).map_err(wrong)
}

/// Makes a file that was not there, for its owner alone.
fn create_private(file: &Path) -> io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(file)
}

/// Makes a file that was not there, for its owner alone: whoever sees it sees all of it.
fn create_whole(file: &Path, text: &str) -> io::Result<()> {
    let part = file.with_extension(format!("part{}", std::process::id()));
    let written = create_private(&part).and_then(|mut made| {
        made.write_all(text.as_bytes())?;
        made.sync_all()?;
        // Unlike a renaming, this takes nobody's place.
        std::fs::hard_link(&part, file)
    });
    let written = written.or_else(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Err(error),
        // Not every file system has links.
        _ => create_private(file)?.write_all(text.as_bytes()),
    });
    let _ = std::fs::remove_file(&part);
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(keys: &[&MasterKey]) -> Keyring {
        let text: Vec<String> = keys.iter().map(|key| key.reveal().to_string()).collect();
        Keyring::parse(&text.join(",")).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_for_the_same_thing_only() {
        let ring = ring(&[&MasterKey::random().unwrap()]);
        let sealed = ring.seal("account:a", b"hunter2").unwrap();
        assert_eq!(ring.open("account:a", &sealed).unwrap().as_slice(), b"hunter2");
        assert_eq!(ring.open("account:b", &sealed), Err(VaultError::Broken));
        assert!(!sealed.text.contains("hunter2") && !STANDARD.decode(&sealed.text).unwrap().ends_with(b"hunter2"));
        assert_ne!(sealed.text, ring.seal("account:a", b"hunter2").unwrap().text);
        let mut bytes = STANDARD.decode(&sealed.text).unwrap();
        for index in [0, NONCE_BYTES, bytes.len() - 1] {
            bytes[index] ^= 1;
            let altered = Sealed {
                text: STANDARD.encode(&bytes),
                ..sealed.clone()
            };
            assert_eq!(ring.open("account:a", &altered), Err(VaultError::Broken));
            bytes[index] ^= 1;
        }
        let short = Sealed {
            text: STANDARD.encode([1, 2, 3]),
            ..sealed
        };
        assert_eq!(ring.open("account:a", &short), Err(VaultError::Broken));
    }

    #[test]
    fn older_keys_open_and_the_first_seals() {
        let (old, new) = (MasterKey::random().unwrap(), MasterKey::random().unwrap());
        let sealed = ring(&[&old]).seal("x", b"s").unwrap();
        let both = ring(&[&new, &old]);
        assert_eq!(both.open("x", &sealed).unwrap().as_slice(), b"s");
        assert_eq!(both.seal("x", b"s").unwrap().key_id, new.id());
        assert_eq!(
            ring(&[&new]).open("x", &sealed),
            Err(VaultError::UnknownKey(old.id().to_owned()))
        );
    }

    #[test]
    fn keys_are_read_in_three_spellings() {
        let key = MasterKey::parse(&"0f".repeat(32)).unwrap();
        assert_eq!(MasterKey::parse(&STANDARD.encode([15_u8; 32])).unwrap().id(), key.id());
        let url = URL_SAFE_NO_PAD.encode([255_u8; 32]);
        assert_eq!(
            MasterKey::parse(&url).unwrap().id(),
            MasterKey::parse(&"FF".repeat(32)).unwrap().id()
        );
        for bad in ["", "short", &"0g".repeat(32), &STANDARD.encode([1_u8; 31])] {
            let told = MasterKey::parse(bad).unwrap_err();
            assert!(told.contains("32 random bytes"), "{told}");
            assert!(bad.is_empty() || !told.contains(bad));
        }
        assert!(!format!("{key:?}").contains("0f0f"));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_is_private_and_is_read_again_for_a_new_key() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = std::env::temp_dir().join(format!("deskhand-vault-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let file = directory.join("master.key");
        let (one, made) = Keyring::read_or_create(&file).unwrap();
        assert!(made);
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let (two, made) = Keyring::read_or_create(&file).unwrap();
        assert!(!made);
        let before = one.seal("x", b"old").unwrap();
        let id = two.add_to_file().unwrap();
        assert_ne!(id, before.key_id);
        let after = two.seal("x", b"new").unwrap();
        assert_eq!(one.open("x", &after).unwrap().as_slice(), b"new");
        assert_eq!(two.open("x", &before).unwrap().as_slice(), b"old");
        assert_eq!(
            one.seal("x", b"newer").unwrap().key_id,
            id,
            "who seals looks for a newer key"
        );
        assert_eq!(two.drop_old_from_file().unwrap(), std::slice::from_ref(&before.key_id));
        let turn = directory.join("master.new");
        std::fs::write(&turn, "").unwrap();
        assert!(two.add_to_file().unwrap_err().contains("another process"));
        std::fs::remove_file(&turn).unwrap();
        assert_eq!(two.open("x", &before), Err(VaultError::UnknownKey(before.key_id)));
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(Keyring::read(&file).unwrap_err().contains("chmod 600"));
        assert!(matches!(two.seal("x", b"s"), Err(VaultError::KeyFile(_))));
        let names = std::fs::read_dir(&directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        assert_eq!(names.collect::<Vec<_>>(), ["master.key"], "nothing is left over");
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
