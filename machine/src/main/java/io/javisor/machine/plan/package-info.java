/** Where everything of a machine is and how its guest is told: decided before there is a machine. */
@NullMarked
package io.javisor.machine.plan;

import org.jspecify.annotations.NullMarked;
