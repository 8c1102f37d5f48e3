#include "net/thrown.hpp"

#include <doks/failure.hpp>

#include <system_error>

namespace doks::net {

core::outcome outcome_of(const std::exception_ptr& thrown)
{
    core::outcome ended;
    try {
        std::rethrow_exception(thrown);
    } catch (const failure& why) {
        ended.cause = why.code();
        ended.replayable = why.why_stopped() != stop_reason::not_replayable;
        if (why.record().retry_after) ended.hints.retry_after = why.retry_after();
    } catch (const boost::system::system_error& error) {
        ended.cause = error.code();
    } catch (const std::system_error& error) {
        ended.cause = error.code();
    } catch (...) {
        ended.cause = errc::unclassified;
    }
    return ended;
}

}
