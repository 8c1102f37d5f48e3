# Fails where a word of the first version's private vocabulary comes back. lib/README.md has the words that are used instead.
cmake_minimum_required(VERSION 3.25)
set(words errand tenure petitioner forsake forsaken surroundings reckon reckons reckoned live_call call_plan guarded mailbox
          context_watch own_request policed_call kubeconfig_flight gate_visit crowd_pace foreign_traffic learned_limit pool_book
          cool_down tls_profile tls_end tls_trouble strand_door bio_door keeper_change kubectl_edit service_notice quota_view
          store_all ordeal kube_front house workshop torment dice endings by_the_book attacked_test confined blow blows
          whoever nobody somebody)
string(REPLACE ";" "|" pattern "${words}")
file(GLOB_RECURSE files RELATIVE "${SOURCE}" "${SOURCE}/include/*.hpp" "${SOURCE}/lib/*.?pp" "${SOURCE}/lib/*.md"
     "${SOURCE}/test/*.?pp" "${SOURCE}/test/*.md" "${SOURCE}/bench/*.?pp" "${SOURCE}/bench/*.md" "${SOURCE}/README.md")
set(faults "")
foreach(file IN LISTS files)
  file(READ "${SOURCE}/${file}" text)
  string(REGEX REPLACE "\n## Changelog.*" "" text "${text}") # which names what was renamed
  string(TOLOWER " ${text} " text)
  string(REGEX MATCHALL "[^a-z_](${pattern})[^a-z_]" found "${text}")
  foreach(word IN LISTS found)
    string(REGEX REPLACE "[^a-z_]" "" word "${word}")
    string(APPEND faults "  ${file}: ${word}\n")
  endforeach()
endforeach()
if(faults)
  message(FATAL_ERROR "words that are not used any more:\n${faults}")
endif()
