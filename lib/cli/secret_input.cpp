#include "cli/secret_input.hpp"

#include "kubeconfig/posix/private_directory.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace doks::cli {

namespace {

constexpr std::size_t largest_input = std::size_t(1) << 20;

bool has_line(const secret_bytes& bytes)
{
    const auto text = std::string_view(bytes.data(), bytes.size());
    return text.find('\n', text.find_first_not_of(" \t\r\n")) != std::string_view::npos;
}

}

secret_bytes read_all(std::istream& input)
{
    secret_bytes bytes;
    std::array<char, 4096> piece;
    while (bytes.size() <= largest_input && (input.read(piece.data(), piece.size()) || input.gcount() > 0))
        bytes.insert(bytes.end(), piece.data(), piece.data() + input.gcount());
    wipe(piece.data(), piece.size());
    return bytes;
}

secret_bytes read_pipe(const std::string& file, std::chrono::milliseconds patience)
{
    using std::chrono::steady_clock;
    const auto fails = [](int error) { return std::system_error(error, std::generic_category()); };
    const kube::descriptor pipe(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!pipe) throw fails(errno);
    secret_bytes bytes;
    secret_bytes piece(4096);
    const auto end = steady_clock::now() + patience;
    while (bytes.size() <= largest_input) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - steady_clock::now());
        pollfd waited{pipe.get(), POLLIN, 0};
        const int ready = left.count() <= 0 ? 0 : ::poll(&waited, 1, static_cast<int>(left.count()));
        if (ready < 0 && errno == EINTR) continue;
        if (ready == 0) throw fails(ETIMEDOUT);
        const auto got = ready < 0 ? ready : ::read(pipe.get(), piece.data(), piece.size());
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (got < 0) throw fails(errno);
        if (got == 0) break;
        bytes.insert(bytes.end(), piece.data(), piece.data() + got);
        if (has_line(bytes)) break; // the writer may keep the pipe open
    }
    return bytes;
}

}
