/** What all devices have in common. */
@NullMarked
package io.javisor.devices;

import org.jspecify.annotations.NullMarked;
