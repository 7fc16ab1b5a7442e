/** The state of a virtual processor, outside the Java heap where emitted code can reach it. */
@NullMarked
package io.javisor.emulator.state;

import org.jspecify.annotations.NullMarked;
