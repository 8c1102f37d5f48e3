#pragma once

namespace doks::async {

/** A thread that is none of a context's has used that context for an object that is watched for its end.

    Called before that object is let go of: a context that finds the object gone is destroyed after that use then.
*/
void end_context_use();

}
