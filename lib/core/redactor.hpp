#pragma once

#include <doks/failure.hpp>
#include <doks/secret.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace doks::core {

/** Recognises secrets in texts that a server made: an intermediary that echoes a request must not bring the API token into
    an error, an event or a name.

    It finds any 8 consecutive characters of a secret, so a secret that is cut off is found too, in any case; as
    they are, or within base64 (both alphabets, any alignment), percent encoding, quoted-printable, hex, the escapes of
    JSON and C, HTML's character references, and up to three of these inside one another. White space and control
    characters in between are ignored. A secret of less than 8 characters is not looked for: it may be any word, such as a
    region, and the ids and names that hold it would be lost. A text that is too long or too deep to be looked through counts
    as one that holds a secret. A DigitalOcean token and a private key are recognised by their form, though they were never
    added.
    What it holds it wipes.
    Threads: as a std::string.
    Cost: a text of less than 11 characters, or one that has the form of a UUID, is compared as it is, without an allocation.
*/
class redactor
{
public:
    void add(std::string_view secret);
    void add(const redactor& other);

    bool recognises(std::string_view text) const;

    /// The whole text becomes `redacted_text` if it holds part of a secret, for the rest may hold the other part.
    void redact(std::string& text) const;
    /// Every text of the record that a server may have made: the operation and the remedy are the client's own.
    void redact(failure_record& record) const;

    /** A kubeconfig repeats a whole secret, wherever: as it is, in base64, percent-encoded or in hex,
        and with escapes of double-quoted YAML and JSON.

        A secret of less than 20 characters is not looked for. Parts of one are not either: an issued token, a
        certificate or a key may share some characters with it by chance.
        Cost: one search by jumps for each form, 2 microseconds for a kubeconfig of 2 KB: fit for every response.
    */
    bool strays_into(std::string_view kubeconfig) const;

    static constexpr std::string_view redacted_text = "[redacted]";
    static constexpr std::size_t fragment = 8; ///< characters

private:
    using words = std::vector<std::uint64_t, wiping_allocator<std::uint64_t>>;

    void add_whole(std::string_view secret);
    bool holds_whole(std::string_view kubeconfig) const;
    void add_fragments(std::string_view text);
    void index();
    bool contains(std::uint64_t word) const noexcept;
    /// How much more may be looked at.
    struct effort
    {
        std::size_t characters;
        unsigned depth;
    };
    bool holds(std::string_view text, effort& left) const;
    bool holds_as_it_is(std::string_view text) const;
    bool holds_unescaped(std::string_view text, effort& left) const;
    bool holds_decoded(std::string_view text, effort& left) const;
    bool holds_pieces(const secret_bytes& decoded, effort& left) const;

    words fragments_; ///< sorted; a fragment is the eight characters of a word
    words filter_;    ///< bits by a word's hash, so that most words are not searched for
    unsigned shift_ = 0;
    std::vector<secret> whole_; ///< each form of those long enough not to be met by chance
};

}
