/** The ports of an engine: what runs the guest's instructions, and what a machine asks of it. */
@NullMarked
package io.javisor.core.engine;

import org.jspecify.annotations.NullMarked;
