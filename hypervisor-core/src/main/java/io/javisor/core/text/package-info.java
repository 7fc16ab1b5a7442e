/** Words for people: text of any source made fit for a message, and what somebody may have meant. */
@NullMarked
package io.javisor.core.text;

import org.jspecify.annotations.NullMarked;
