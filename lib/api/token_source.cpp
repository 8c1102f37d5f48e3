#include "net/quota/token_origin.hpp"

#include <boost/asio/co_spawn.hpp>

#include <cerrno>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace doks {

namespace {

failure unreadable(std::string detail, std::string remedy)
{
    return failure(errc::no_token, "API token", std::move(detail), std::move(remedy), "token");
}

/// A token that does not change.
struct fixed_token final : token_source::origin
{
    explicit fixed_token(secret of)
        : value(std::move(of))
    {}
    void fetch(const boost::asio::any_io_executor&, handler done) const override { done(value); }

    secret value;
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// O_NONBLOCK, so that a FIFO does not block the strand; a pipe is refused, for it could be read only once.
result<secret> read_token(const std::filesystem::path& path)
{
    constexpr std::size_t longest = 4096;
    const auto complain = [&](const std::string& what) {
        return unreadable("token file " + path.string() + ": " + what, "check the file's path, mode and content");
    };
    secret_bytes bytes(longest + 1); // nothing may throw while the file is open
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return complain(std::strerror(errno));
    struct stat what
    {};
    if (::fstat(file, &what) == 0 && !S_ISREG(what.st_mode) && !S_ISDIR(what.st_mode)) {
        ::close(file);
        return complain("it is a pipe or a device, which cannot be read again: read it, and give its content");
    }
    const ssize_t size = ::read(file, bytes.data(), bytes.size());
    const int failed = errno;
    ::close(file);
    if (size < 0) return complain(std::strerror(failed));
    if (static_cast<std::size_t>(size) > longest) return complain("it is larger than any token");
    std::string_view text(bytes.data(), static_cast<std::size_t>(size));
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    if (text.empty()) return complain("it is empty");
    return secret(text);
}

/// A file that is read at each fetch; a token is small, and a fetch is rare.
struct file_token final : token_source::origin
{
    explicit file_token(std::filesystem::path of)
        : path(std::move(of))
    {}
    void fetch(const boost::asio::any_io_executor&, handler done) const override { done(read_token(path)); }

    /// Mixes inode, size and time of change: it notices a replaced file and one that was written in place.
    std::uint64_t version() const noexcept override
    {
        struct stat now
        {};
        if (::stat(path.c_str(), &now) != 0) return 0;
        std::uint64_t mixed = static_cast<std::uint64_t>(now.st_ino) * 0x9e3779b97f4a7c15ULL;
        mixed ^= static_cast<std::uint64_t>(now.st_mtim.tv_sec) * 1'000'000'007ULL;
        mixed ^= static_cast<std::uint64_t>(now.st_mtim.tv_nsec) * 31;
        return mixed ^ static_cast<std::uint64_t>(now.st_size);
    }

    std::filesystem::path path;
};

/// The user's coroutine, on the client's executor. Its exceptions become failures here.
struct coroutine_token final : token_source::origin
{
    explicit coroutine_token(std::function<boost::asio::awaitable<secret>()> of)
        : make(std::move(of))
    {}

    void fetch(const boost::asio::any_io_executor& on, handler done) const override
    {
        boost::asio::co_spawn(on, make, [done = std::move(done)](const std::exception_ptr& thrown, secret value) {
            if (!thrown) return done(std::move(value));
            std::string what = "something that is no std::exception";
            try {
                std::rethrow_exception(thrown);
            } catch (const failure& why) {
                return done(unreadable(why.detail(), why.record().remedy));
            } catch (const std::exception& error) {
                what = error.what();
            } catch (...) {
                // `what` has its text already.
            }
            done(unreadable("the token's coroutine threw: " + what, "check the coroutine"));
        });
    }

    std::function<boost::asio::awaitable<secret>()> make;
};

}

token_source token(secret value) { return token_source(std::make_shared<fixed_token>(std::move(value))); }

token_source token(std::string_view value) { return token(secret(value)); }

token_source token_file(std::filesystem::path path)
{
    return token_source(std::make_shared<file_token>(std::move(path)));
}

token_source token_coroutine(std::function<boost::asio::awaitable<secret>()> fetch)
{
    return token_source(std::make_shared<coroutine_token>(std::move(fetch)));
}

}
