#pragma once

#include <doctest/doctest.h>

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

// The real kubectl: $KUBECTL, or the one in the path.

namespace doks::test {

/// What a program left behind.
struct program_end
{
    int status = -1;
    std::string output; ///< both streams
};

inline bool contains(const program_end& what, std::string_view part)
{
    return what.output.find(part) != std::string::npos;
}

inline std::string kubectl_program()
{
    const char* named = std::getenv("KUBECTL");
    return named && *named ? named : "kubectl";
}

/// Runs a command of the shell to its end.
inline program_end run_shell(const std::string& command)
{
    program_end ended;
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    if (!pipe) return ended;
    std::array<char, 4096> chunk;
    while (std::size_t size = std::fread(chunk.data(), 1, chunk.size(), pipe)) ended.output.append(chunk.data(), size);
    const int status = ::pclose(pipe);
    ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return ended;
}

/// For tests that are skipped without one.
inline bool has_kubectl()
{
    const bool found = run_shell("'" + kubectl_program() + "' version --client").status == 0;
    if (!found) MESSAGE("skipped: no kubectl; install kubernetes-client or set KUBECTL");
    return found;
}

/// kubectl with one kubeconfig, in a home of its own, so that no configuration or cache of the user is touched.
class kubectl
{
public:
    explicit kubectl(std::string_view config)
    {
        std::string pattern = std::filesystem::temp_directory_path() / "doks-kubectl-XXXXXX";
        if (!::mkdtemp(pattern.data())) throw std::runtime_error("no temporary directory");
        home_ = pattern;
        std::ofstream(home_ / "config") << config;
        std::filesystem::permissions(home_ / "config", std::filesystem::perms(0600));
    }
    ~kubectl()
    {
        if (!home_.empty()) std::filesystem::remove_all(home_);
    }
    kubectl(kubectl&& other) noexcept { home_.swap(other.home_); }
    kubectl& operator=(kubectl&&) = delete;

    program_end operator()(const std::string& arguments) const
    {
        return run_shell(environment() + "'" + kubectl_program() + "' " + arguments);
    }

    /// A shell's work with it; there `$kubectl` is the program.
    program_end shell(const std::string& script) const
    {
        return run_shell("{ export " + environment() + "kubectl='" + kubectl_program() + "'\n" + script + "\n}");
    }

private:
    std::string environment() const
    {
        const std::string home = home_;
        return "HOME='" + home + "' KUBECONFIG='" + home + "/config' ";
    }

    std::filesystem::path home_;
};

/// Fails the test where no kubectl is installed.
inline void require_kubectl()
{
    const auto version = run_shell("'" + kubectl_program() + "' version --client");
    const bool found = version.status == 0;
    REQUIRE_MESSAGE(
        found, "no kubectl: '", kubectl_program(), "' does not run; install kubernetes-client or set KUBECTL");
    const auto line = version.output.substr(0, version.output.find('\n'));
    MESSAGE(line);
}

}
