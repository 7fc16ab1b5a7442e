/** Network interfaces of the host: taps and what is said to the kernel of them. */
@NullMarked
package io.javisor.core.net;

import org.jspecify.annotations.NullMarked;
