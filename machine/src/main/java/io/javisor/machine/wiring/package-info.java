/** The devices of a machine's life: made, put on the buses, connected with the engine and the host's ends. */
@NullMarked
package io.javisor.machine.wiring;

import org.jspecify.annotations.NullMarked;
