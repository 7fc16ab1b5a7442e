/**
 * A user's machines, from a program: {@link io.javisor.manager.Instances} lists and finds them, {@link io.javisor.manager.Instance} is one of them. There is no daemon: each is a
 * process of its own, and what is known of them is in files.
 */
@NullMarked
package io.javisor.manager;

import org.jspecify.annotations.NullMarked;
