/** A machine and its life: built, started, paused, resumed, stopped; what comes of it and what it counts. What a machine is made of is in the rooms beside. */
@NullMarked
package io.javisor.machine;

import org.jspecify.annotations.NullMarked;
