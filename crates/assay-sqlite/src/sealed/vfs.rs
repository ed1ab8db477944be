//! The table of functions through which SQLite reaches sealed files.
//!
//! The one module with code that the compiler does not check: SQLite calls it through pointers. It
//! does nothing but turn them into what [`super::layout`] works with, and hand on what needs no
//! sealing to the table of the system. A file object is three parts in one block that SQLite
//! allocates: the pointer to the functions, the state of this layer, the file object of the system.
#![allow(unsafe_code, reason = "SQLite's interface for files is a table of C functions")]

use std::{
    ffi::{CStr, c_char, c_int, c_void},
    ptr, slice,
    sync::OnceLock,
};

use rusqlite::{
    Connection, Error,
    ffi::{self, sqlite3_file, sqlite3_int64, sqlite3_io_methods, sqlite3_vfs},
};

use super::{
    layout::{Kind, Raw, SealedFile},
    seal_of,
};

pub(super) const NAME_TEXT: &str = "assay-sealed";
const NAME: &CStr = c"assay-sealed";

/// A file object of this layer; that of the system follows it in memory.
#[repr(C)]
struct Object {
    /// What SQLite knows: the functions.
    base: sqlite3_file,
    /// From `Box::into_raw`, until the file is closed.
    state: *mut SealedFile,
}

/// Makes the layer known to SQLite, once.
pub(super) fn register() -> rusqlite::Result<()> {
    static CODE: OnceLock<c_int> = OnceLock::new();
    let code = *CODE.get_or_init(|| {
        // SAFETY: a null name asks for the table of the system, which lives as long as the process.
        let system = unsafe { ffi::sqlite3_vfs_find(ptr::null()) };
        if system.is_null() {
            return ffi::SQLITE_ERROR;
        }
        // SAFETY: it is not null, and nobody changes it.
        let below = unsafe { &*system };
        let size = size_of::<Object>() as c_int + below.szOsFile;
        let table = sqlite3_vfs {
            // Version 2: without the calls that replace calls of the system.
            iVersion: 2,
            szOsFile: size,
            mxPathname: below.mxPathname,
            pNext: ptr::null_mut(),
            zName: NAME.as_ptr(),
            pAppData: system.cast(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_path),
            // Nothing is loaded from libraries through this layer.
            xDlOpen: None,
            xDlError: None,
            xDlSym: None,
            xDlClose: None,
            xRandomness: Some(randomness),
            xSleep: Some(sleep),
            xCurrentTime: below.xCurrentTime,
            xGetLastError: Some(last_error),
            xCurrentTimeInt64: below.xCurrentTimeInt64,
            xSetSystemCall: None,
            xGetSystemCall: None,
            xNextSystemCall: None,
        };
        // SAFETY: the table is never freed, as SQLite demands, and not the default.
        unsafe { ffi::sqlite3_vfs_register(Box::into_raw(Box::new(table)), 0) }
    });
    result(code)
}

/// Tells a connection to leave bytes free at the end of each page of a database that is new.
pub(super) fn reserve(connection: &Connection, bytes: u8) -> rusqlite::Result<()> {
    let mut bytes = c_int::from(bytes);
    let argument = (&raw mut bytes).cast::<c_void>();
    // SAFETY: the handle is that of an open connection, which outlives the call; the operation reads
    // and writes one int.
    let code = unsafe {
        let main = c"main".as_ptr();
        ffi::sqlite3_file_control(
            connection.handle(),
            main,
            ffi::SQLITE_FCNTL_RESERVE_BYTES,
            argument,
        )
    };
    result(code)
}

fn result(code: c_int) -> rusqlite::Result<()> {
    if code == ffi::SQLITE_OK {
        return Ok(());
    }
    Err(Error::SqliteFailure(ffi::Error::new(code), None))
}

/// The table of the system.
///
/// # Safety
/// `vfs` is the table that [`register`] made.
unsafe fn system<'a>(vfs: *mut sqlite3_vfs) -> (*mut sqlite3_vfs, &'a sqlite3_vfs) {
    // SAFETY: by the contract above; `pAppData` is the table of the system, which is never freed.
    unsafe {
        let below = (*vfs).pAppData.cast::<sqlite3_vfs>();
        (below, &*below)
    }
}

/// The file object of the system behind one of this layer.
///
/// # Safety
/// `file` is an object that [`open`] filled.
unsafe fn inner(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: SQLite allocated `szOsFile` bytes, which is an `Object` and what the system needs.
    unsafe { file.cast::<Object>().add(1).cast() }
}

/// The functions of the file of the system.
///
/// # Safety
/// As for [`inner`].
unsafe fn methods<'a>(file: *mut sqlite3_file) -> (*mut sqlite3_file, &'a sqlite3_io_methods) {
    // SAFETY: by the contract; the system filled in its functions when it opened the file.
    unsafe {
        let inner = inner(file);
        (inner, &*(*inner).pMethods)
    }
}

/// The state of a file, and the file of the system as the state uses it.
///
/// # Safety
/// As for [`inner`]; and no other reference to the state is alive. SQLite uses a file object from one
/// thread at a time and calls none of these functions inside another.
unsafe fn parts<'a>(file: *mut sqlite3_file) -> (&'a mut SealedFile, Below) {
    // SAFETY: `state` came from a box in `open` and is freed in `close` alone.
    unsafe { (&mut *(*file.cast::<Object>()).state, Below(file)) }
}

/// The file of the system.
struct Below(*mut sqlite3_file);

impl Raw for Below {
    fn read(&mut self, buffer: &mut [u8], at: u64) -> Result<bool, c_int> {
        let (length, at) = numbers(buffer.len(), at)?;
        // SAFETY: the object is open, and the buffer has `length` bytes.
        let code = unsafe {
            let (inner, methods) = methods(self.0);
            let read = methods.xRead.ok_or(ffi::SQLITE_IOERR_READ)?;
            read(inner, buffer.as_mut_ptr().cast(), length, at)
        };
        match code {
            ffi::SQLITE_OK => Ok(true),
            ffi::SQLITE_IOERR_SHORT_READ => Ok(false),
            code => Err(code),
        }
    }

    fn write(&mut self, bytes: &[u8], at: u64) -> Result<(), c_int> {
        let (length, at) = numbers(bytes.len(), at)?;
        // SAFETY: the object is open, and there are `length` bytes.
        done(unsafe {
            let (inner, methods) = methods(self.0);
            let write = methods.xWrite.ok_or(ffi::SQLITE_IOERR_WRITE)?;
            write(inner, bytes.as_ptr().cast(), length, at)
        })
    }

    fn len(&mut self) -> Result<u64, c_int> {
        let mut size = 0;
        // SAFETY: the object is open, and the size is written to an integer of that type.
        done(unsafe {
            let (inner, methods) = methods(self.0);
            let len = methods.xFileSize.ok_or(ffi::SQLITE_IOERR_FSTAT)?;
            len(inner, &raw mut size)
        })?;
        u64::try_from(size).map_err(|_| ffi::SQLITE_IOERR_FSTAT)
    }
}

fn numbers(length: usize, at: u64) -> Result<(c_int, sqlite3_int64), c_int> {
    let length = c_int::try_from(length).map_err(|_| ffi::SQLITE_IOERR)?;
    Ok((length, sqlite3_int64::try_from(at).map_err(|_| ffi::SQLITE_IOERR)?))
}

fn done(code: c_int) -> Result<(), c_int> {
    if code == ffi::SQLITE_OK { Ok(()) } else { Err(code) }
}

fn code_of(outcome: Result<(), c_int>) -> c_int {
    outcome.err().unwrap_or(ffi::SQLITE_OK)
}

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite hands over `szOsFile` bytes for the object. Without functions in it, it does not
    // close a file whose opening failed.
    unsafe { (*file).pMethods = ptr::null() };
    let kind = match flags
        & (ffi::SQLITE_OPEN_MAIN_DB | ffi::SQLITE_OPEN_WAL | ffi::SQLITE_OPEN_MAIN_JOURNAL)
    {
        ffi::SQLITE_OPEN_MAIN_DB => Kind::Database,
        ffi::SQLITE_OPEN_WAL => Kind::Log,
        ffi::SQLITE_OPEN_MAIN_JOURNAL => Kind::Journal,
        // Temporary files would hold content in clear; `temp_store` keeps them in memory.
        _ => return ffi::SQLITE_CANTOPEN,
    };
    if name.is_null() {
        return ffi::SQLITE_CANTOPEN;
    }
    // SAFETY: a name that comes with these flags is one of SQLite's, of which it reads parameters.
    let number = unsafe { ffi::sqlite3_uri_int64(name, c"seal".as_ptr(), 0) };
    let Some(seal) = seal_of(number) else { return ffi::SQLITE_CANTOPEN };
    // SAFETY: `vfs` is the table of this layer; the object of the system lies behind ours.
    let code = unsafe {
        let (below, functions) = system(vfs);
        let Some(open) = functions.xOpen else { return ffi::SQLITE_CANTOPEN };
        open(below, name, inner(file), flags, out_flags)
    };
    if code != ffi::SQLITE_OK {
        return code;
    }
    let state = Box::into_raw(Box::new(SealedFile::new(seal, kind)));
    // SAFETY: the object is ours to fill; the functions live as long as the process.
    unsafe {
        (*file.cast::<Object>()).state = state;
        (*file).pMethods = &raw const METHODS;
    }
    ffi::SQLITE_OK
}

/// Functions that hand on what they get to the table of the system.
macro_rules! of_system {
    ($($name:ident = $function:ident($($argument:ident: $type:ty),*) or $code:expr;)*) => {$(
        unsafe extern "C" fn $name(vfs: *mut sqlite3_vfs, $($argument: $type),*) -> c_int {
            // SAFETY: `vfs` is the table of this layer, and the rest is handed on as it came.
            unsafe {
                let (below, functions) = system(vfs);
                functions.$function.map_or($code, |call| call(below, $($argument),*))
            }
        }
    )*};
}

of_system! {
    delete = xDelete(name: *const c_char, sync: c_int) or ffi::SQLITE_IOERR_DELETE;
    access = xAccess(name: *const c_char, flags: c_int, out: *mut c_int)
        or ffi::SQLITE_IOERR_ACCESS;
    full_path = xFullPathname(name: *const c_char, length: c_int, out: *mut c_char)
        or ffi::SQLITE_CANTOPEN;
    randomness = xRandomness(length: c_int, out: *mut c_char) or 0;
    sleep = xSleep(microseconds: c_int) or 0;
    last_error = xGetLastError(length: c_int, out: *mut c_char) or 0;
}

/// The functions of a file. Version 2: no mapping into memory, which would show sealed pages.
static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: the object is open; after this SQLite does not use it again, so that the state is freed
    // once.
    unsafe {
        let (state, mut below) = parts(file);
        // What is not on disk by now was not promised to be.
        let flushed = code_of(state.flush(&mut below));
        let object = &mut *file.cast::<Object>();
        drop(Box::from_raw(object.state));
        object.state = ptr::null_mut();
        let (inner, methods) = methods(file);
        let closed = methods.xClose.map_or(ffi::SQLITE_OK, |close| close(inner));
        if closed == ffi::SQLITE_OK { flushed } else { closed }
    }
}

unsafe extern "C" fn read(
    file: *mut sqlite3_file,
    to: *mut c_void,
    length: c_int,
    at: sqlite3_int64,
) -> c_int {
    let (Ok(length), Ok(at)) = (usize::try_from(length), u64::try_from(at)) else {
        return ffi::SQLITE_IOERR_READ;
    };
    // SAFETY: the object is open; SQLite hands over `length` bytes to fill, which it has initialised
    // or will not read before they are; zeros make them so in any case.
    let (outcome, buffer) = unsafe {
        ptr::write_bytes(to.cast::<u8>(), 0, length);
        let buffer = slice::from_raw_parts_mut(to.cast::<u8>(), length);
        let (state, mut below) = parts(file);
        (state.read(&mut below, buffer, at), buffer)
    };
    match outcome {
        Ok(true) => ffi::SQLITE_OK,
        Ok(false) => ffi::SQLITE_IOERR_SHORT_READ,
        Err(code) => {
            // What did not open is not given out.
            buffer.fill(0);
            code
        }
    }
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    from: *const c_void,
    length: c_int,
    at: sqlite3_int64,
) -> c_int {
    let (Ok(length), Ok(at)) = (usize::try_from(length), u64::try_from(at)) else {
        return ffi::SQLITE_IOERR_WRITE;
    };
    // SAFETY: the object is open; SQLite hands over `length` bytes.
    code_of(unsafe {
        let bytes = slice::from_raw_parts(from.cast::<u8>(), length);
        let (state, mut below) = parts(file);
        state.write(&mut below, bytes, at)
    })
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    // SAFETY: the object is open.
    unsafe {
        let (state, mut below) = parts(file);
        if let Err(code) = state.flush(&mut below) {
            return code;
        }
        state.forget();
        let (inner, methods) = methods(file);
        methods.xTruncate.map_or(ffi::SQLITE_IOERR_TRUNCATE, |it| it(inner, size))
    }
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: the object is open.
    unsafe {
        let (state, mut below) = parts(file);
        if let Err(code) = state.flush(&mut below) {
            return code;
        }
        let (inner, methods) = methods(file);
        methods.xSync.map_or(ffi::SQLITE_IOERR_FSYNC, |it| it(inner, flags))
    }
}

/// Functions that hand on what they get to the file of the system. The shared memory holds numbers of
/// pages and frames, no content.
macro_rules! of_file {
    ($($name:ident = $function:ident($($argument:ident: $type:ty),*) or $code:expr;)*) => {$(
        unsafe extern "C" fn $name(file: *mut sqlite3_file, $($argument: $type),*) -> c_int {
            // SAFETY: the object is open; the rest is between SQLite and the system.
            unsafe {
                let (inner, methods) = methods(file);
                methods.$function.map_or($code, |call| call(inner, $($argument),*))
            }
        }
    )*};
}

of_file! {
    file_size = xFileSize(size: *mut sqlite3_int64) or ffi::SQLITE_IOERR_FSTAT;
    lock = xLock(level: c_int) or ffi::SQLITE_IOERR_LOCK;
    unlock = xUnlock(level: c_int) or ffi::SQLITE_IOERR_UNLOCK;
    check_reserved_lock = xCheckReservedLock(out: *mut c_int) or ffi::SQLITE_IOERR_LOCK;
    file_control = xFileControl(operation: c_int, argument: *mut c_void) or ffi::SQLITE_NOTFOUND;
    sector_size = xSectorSize() or 0;
    shm_map = xShmMap(region: c_int, size: c_int, extend: c_int, out: *mut *mut c_void)
        or ffi::SQLITE_IOERR_SHMMAP;
    shm_lock = xShmLock(offset: c_int, count: c_int, flags: c_int) or ffi::SQLITE_IOERR_SHMLOCK;
    shm_unmap = xShmUnmap(delete: c_int) or ffi::SQLITE_OK;
}

unsafe extern "C" fn device_characteristics(file: *mut sqlite3_file) -> c_int {
    // Reads of parts of a page and writes that the disk makes atomic do not fit sealed units.
    let refused = ffi::SQLITE_IOCAP_SUBPAGE_READ | ffi::SQLITE_IOCAP_BATCH_ATOMIC;
    // SAFETY: the object is open.
    let found = unsafe {
        let (inner, methods) = methods(file);
        methods.xDeviceCharacteristics.map_or(0, |it| it(inner))
    };
    // What SQLite assumes of every file of the system: without it, it cuts writes at sectors.
    (found & !refused) | ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    // SAFETY: the object is open.
    unsafe {
        let (inner, methods) = methods(file);
        if let Some(barrier) = methods.xShmBarrier {
            barrier(inner);
        }
    }
}
