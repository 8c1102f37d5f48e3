#pragma once

#include "api/keeper/credential_fetch.hpp"
#include "api/keeper/store/directory_call.hpp"
#include "api/operation.hpp"

#include "kubeconfig/directory/directory_access.hpp"
#include "kubeconfig/directory/directory_check.hpp"

#include <doks/kubeconfig_directory.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace doks::api {

using put_fault = std::optional<failure>;

/** A keeper's directory as awaitables: the work is done on the directory's thread, its outcome arrives on the strand.

    Each call waits for a bounded time. A directory that exceeds a bound counts as slow for a minute. The directory's thread
    holds nothing of the client's.
    Threads: the client's strand.
*/
class credential_store : public std::enable_shared_from_this<credential_store>
{
public:
    struct lookup
    {
        std::optional<credential> found;  ///< a credential that is still valid
        put_fault fault;                  ///< why a credential that is minted now could not be stored
        bool opened_again = false;        ///< the directory, which lacks what was put before
        bool is_minted_elsewhere = false; ///< another process or keeper holds the lock of this credential
        std::shared_ptr<void> mint_lock;  ///< null where another holds it, or the file system takes no locks
    };
    /// A file that is not as it was put.
    struct lost_file
    {
        kube::expected_file expected;
        std::optional<credential> found; ///< another valid credential that is there instead
        bool is_as_good = false;         ///< another process put it there, and it is valid for as long
    };
    struct check_outcome
    {
        put_fault fault;           ///< why nothing can be stored
        bool fault_passed = false; ///< there was a fault since the last check that said so
        bool is_complete = true;   ///< false: the check failed, so nothing is known of a file that is not in `lost`
        std::vector<lost_file> lost;
    };

    /// What is put bears the label, as a bulk's items do.
    credential_store(
        kubeconfig_directory directory, std::shared_ptr<net::shared_transport> transport, std::string label);

    /** Looks for a credential other than `outdated`. If there is none, and `locks`, takes the lock that allows to mint one.

        A directory that was removed or replaced is opened again.
    */
    awaitable<lookup> find(operation& by, credential_key key, std::optional<kubeconfig> outdated, bool locks);
    /// Finds out which of these files are lost, and whether the directory takes files. Opens it again as `find` does.
    awaitable<check_outcome> check(
        operation& by, std::vector<kube::expected_file> expected, std::chrono::seconds expiry);
    /// Returns why the credential is not stored. A write that exceeds the bound goes on; a check finds out how it ended.
    awaitable<put_fault> put(operation& by, credential_key key, kubeconfig config);
    /// Erases the file if it still holds `only`: another process may have put another credential there.
    void erase(const std::string& id, kubeconfig only);

    /// False while the directory's thread has work, also such as is not awaited any more.
    bool is_idle() const noexcept { return under_way_ == 0; }
    void on_idle(std::function<void()> handler) { on_idle_ = std::move(handler); }
    /// The directory exceeded a bound within the last minute.
    bool is_slow() const;
    /// Why nothing can be stored, as far as the last lookup or check knows.
    put_fault hindrance() const;

private:
    /// Brings an outcome from the directory's thread to the strand.
    struct messenger;

    messenger make_messenger();
    void end_job();
    template <class T>
    awaitable<T> call(
        operation& by, typename directory_call<T>::fallback without, std::function<void(directory_call<T>&)> begin);
    std::shared_ptr<void> released_on_thread(std::shared_ptr<void> lock) const;
    failure failure_of(const kube::file_error& error) const
    {
        return kube::directory_access::store(directory_)->failure_of(error);
    }
    put_fault fault_without_answer(boost::system::error_code why);
    bool must_prove() const;
    void on_written();
    void on_state(const kube::directory_state& directory, bool written);
    check_outcome outcome_of(kube::check_outcome seen, std::chrono::seconds expiry, bool written);
    lost_file examined(kube::lost_file file, std::chrono::seconds expiry) const;

    kubeconfig_directory directory_;
    std::shared_ptr<net::shared_transport> transport_;
    const std::string label_;
    const std::shared_ptr<kube::directory_check> check_;
    std::function<void()> on_idle_;
    std::size_t under_way_ = 0;
    put_fault fault_;
    bool doubtful_ = true; ///< the last attempt to write failed, or there was none
    core::instant proven_until_{};
    core::instant slow_until_{};
    bool hindered_ = false; ///< since the last check that said that nothing hinders any more
};

}
