/** Where the time of a boot went: recorded while it goes on, worked out and drawn when it is over. */
@NullMarked
package io.javisor.benchmarks.boot;

import org.jspecify.annotations.NullMarked;
