/** What a machine uses of the host: its files, sockets, taps and engine, opened once, before the guest runs. */
@NullMarked
package io.javisor.machine.host;

import org.jspecify.annotations.NullMarked;
