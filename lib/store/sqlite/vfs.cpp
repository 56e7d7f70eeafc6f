// SPDX-License-Identifier: GPL-3.0-or-later
// SQLite's table of functions for a FileSystem.
#include "lib/store/sqlite/vfs.hpp"

#include <sqlite3.h>

#include <atomic>
#include <new>
#include <utility>

#include "lib/store/sqlite/database.hpp"
#include "lib/store/sqlite/vfs_file.hpp"

namespace outstation::store {
namespace {

constexpr int kMaxPathOctets = 1024;
thread_local std::optional<Error> last_error;

// What SQLite allocates for a file; the object stands behind it.
struct Handle {
    sqlite3_file base;
    VfsFile* file;
};

VfsFile& file_of(sqlite3_file* file) {
    return *reinterpret_cast<Handle*>(file)->file;
}

int close_file(sqlite3_file* file) {
    delete reinterpret_cast<Handle*>(file)->file;
    reinterpret_cast<Handle*>(file)->file = nullptr;
    return SQLITE_OK;
}

// Nothing we do throws but for memory.
template <typename Function>
int guarded(Function&& function) noexcept {
    try {
        return function();
    } catch (const std::bad_alloc&) {
        return SQLITE_NOMEM;
    } catch (...) {
        return SQLITE_IOERR;
    }
}

int read_file(sqlite3_file* file, void* out, int octets, sqlite3_int64 offset) {
    return guarded([&] { return file_of(file).read(out, octets, offset); });
}
int write_file(sqlite3_file* file, const void* bytes, int octets, sqlite3_int64 offset) {
    return guarded([&] { return file_of(file).write(bytes, octets, offset); });
}
int truncate_file(sqlite3_file* file, sqlite3_int64 octets) {
    return guarded([&] { return file_of(file).truncate(octets); });
}
int sync_file(sqlite3_file* file, int) {
    return guarded([&] { return file_of(file).sync(); });
}
int size_of_file(sqlite3_file* file, sqlite3_int64* octets) {
    return guarded([&] {
        std::int64_t size = 0;
        const int code = file_of(file).size(size);
        *octets = size;
        return code;
    });
}
int lock_file(sqlite3_file* file, int level) {
    return guarded([&] { return file_of(file).lock(level); });
}
int unlock_file(sqlite3_file* file, int level) {
    return guarded([&] { return file_of(file).unlock(level), SQLITE_OK; });
}
int check_reserved(sqlite3_file* file, int* out) {
    return guarded([&] { return *out = file_of(file).reserved() ? 1 : 0, SQLITE_OK; });
}
int control_file(sqlite3_file*, int, void*) {
    return SQLITE_NOTFOUND;
}
int sector_octets(sqlite3_file*) {
    return static_cast<int>(kPageOctets);
}
int characteristics(sqlite3_file*) {
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

// Version 1: no shared memory, no mapping.
const sqlite3_io_methods kMethods = [] {
    sqlite3_io_methods out{};
    out.iVersion = 1;
    out.xClose = &close_file;
    out.xRead = &read_file;
    out.xWrite = &write_file;
    out.xTruncate = &truncate_file;
    out.xSync = &sync_file;
    out.xFileSize = &size_of_file;
    out.xLock = &lock_file;
    out.xUnlock = &unlock_file;
    out.xCheckReservedLock = &check_reserved;
    out.xFileControl = &control_file;
    out.xSectorSize = &sector_octets;
    out.xDeviceCharacteristics = &characteristics;
    return out;
}();

struct Context {
    explicit Context(FileSystem& system) : files(system), locks(system) {}
    FileSystem& files;
    LockTable locks;
};

Context& context_of(sqlite3_vfs* vfs) {
    return *static_cast<Context*>(vfs->pAppData);
}

Result<std::unique_ptr<File>> open_system_file(FileSystem& files, const std::string& path, int flags,
                                               bool& made) {
    if ((flags & SQLITE_OPEN_READWRITE) == 0) return files.open(path, FileSystem::Mode::read);
    auto file = files.open(path, FileSystem::Mode::write);
    if (file || file.error().code != ErrorCode::not_found || (flags & SQLITE_OPEN_CREATE) == 0) return file;
    made = true;
    return files.open(path, FileSystem::Mode::create);
}

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* out, int flags, int* out_flags) {
    out->pMethods = nullptr;
    return guarded([&] {
        if (name == nullptr)
            return vfs_failed(SQLITE_CANTOPEN, {ErrorCode::bug, "temporary files stay in memory"});
        Context& context = context_of(vfs);
        bool made = false;
        auto file = open_system_file(context.files, name, flags, made);
        if (!file) return vfs_failed(SQLITE_CANTOPEN, file.error());
        VfsFile::Purpose purpose;
        purpose.path = name;
        purpose.database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
        purpose.log = (flags & SQLITE_OPEN_WAL) != 0;
        purpose.page_checksums = purpose.database && sqlite3_uri_boolean(name, "checksums", 0) != 0;
        purpose.sync_name = made && !purpose.database;
        purpose.remove_at_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
        reinterpret_cast<Handle*>(out)->file =
            new VfsFile(context.files, context.locks, std::move(*file), std::move(purpose));
        out->pMethods = &kMethods;
        if (out_flags != nullptr) *out_flags = flags;
        return SQLITE_OK;
    });
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    return guarded([&] {
        FileSystem& files = context_of(vfs).files;
        const auto removed = files.remove(name);
        if (!removed && removed.error().code == ErrorCode::not_found) return SQLITE_IOERR_DELETE_NOENT;
        if (!removed) return vfs_failed(SQLITE_IOERR_DELETE, removed.error());
        if (sync_directory == 0) return SQLITE_OK;
        const auto synced = files.sync_directory(directory_of(name));
        return synced ? SQLITE_OK : vfs_failed(SQLITE_IOERR_DIR_FSYNC, synced.error());
    });
}

int access_file(sqlite3_vfs* vfs, const char* name, int, int* out) {
    return guarded([&] {
        const auto file = context_of(vfs).files.open(name, FileSystem::Mode::read);
        *out = file ? 1 : 0;
        if (file || file.error().code == ErrorCode::not_found) return SQLITE_OK;
        return vfs_failed(SQLITE_IOERR_ACCESS, file.error());
    });
}

int full_path(sqlite3_vfs*, const char* name, int octets, char* out) {
    sqlite3_snprintf(octets, out, "%s", name);
    return SQLITE_OK;
}

int randomness(sqlite3_vfs*, int octets, char* out) {
    sqlite3_vfs* system = sqlite3_vfs_find(nullptr);
    return system->xRandomness(system, octets, out);
}
int sleep_us(sqlite3_vfs*, int us) {
    sqlite3_vfs* system = sqlite3_vfs_find(nullptr);
    return system->xSleep(system, us);
}
int current_time(sqlite3_vfs*, double* out) {
    sqlite3_vfs* system = sqlite3_vfs_find(nullptr);
    return system->xCurrentTime(system, out);
}
int system_error(sqlite3_vfs*, int, char*) {
    return 0;
}

sqlite3_vfs functions_of(const std::string& name, Context& context) {
    sqlite3_vfs out{};
    out.iVersion = 1;
    out.szOsFile = sizeof(Handle);
    out.mxPathname = kMaxPathOctets;
    out.zName = name.c_str();
    out.pAppData = &context;
    out.xOpen = &open_file;
    out.xDelete = &delete_file;
    out.xAccess = &access_file;
    out.xFullPathname = &full_path;
    out.xRandomness = &randomness;
    out.xSleep = &sleep_us;
    out.xCurrentTime = &current_time;
    out.xGetLastError = &system_error;
    return out;
}

}  // namespace

int vfs_failed(int code, const Error& error) {
    last_error = error;
    return code;
}

struct Vfs::Impl {
    explicit Impl(FileSystem& files) : context(files) {}
    std::string name;
    Context context;
    sqlite3_vfs functions{};
};

Vfs::Vfs(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Vfs::~Vfs() {
    sqlite3_vfs_unregister(&impl_->functions);
}

Result<std::unique_ptr<Vfs>> Vfs::make(FileSystem& files) {
    static std::atomic<unsigned> made = 0;
    auto impl = std::make_unique<Impl>(files);
    impl->name = "outstation-" + std::to_string(++made);
    impl->functions = functions_of(impl->name, impl->context);
    if (const int code = sqlite3_vfs_register(&impl->functions, 0); code != SQLITE_OK)
        return fail(ErrorCode::io, std::string("SQLite takes no VFS: ") + sqlite3_errstr(code));
    return std::unique_ptr<Vfs>(new Vfs(std::move(impl)));
}

const std::string& Vfs::name() const {
    return impl_->name;
}

std::optional<Error> Vfs::take_error() {
    return std::exchange(last_error, std::nullopt);
}

}  // namespace outstation::store
