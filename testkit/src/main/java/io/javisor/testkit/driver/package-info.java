/**
 * The driver's side of virtio, for tests and benchmarks of devices: it plays the guest through a transport's registers and rings, properly or not.
 */
@NullMarked
package io.javisor.testkit.driver;

import org.jspecify.annotations.NullMarked;
