/** The host side of devices: what a guest's bytes come from and go to. Handed open descriptors; makes no thread. */
@NullMarked
package io.javisor.devices.backend;

import org.jspecify.annotations.NullMarked;
