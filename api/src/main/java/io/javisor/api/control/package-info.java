/** A machine's own verbs. */
@NullMarked
package io.javisor.api.control;

import org.jspecify.annotations.NullMarked;
