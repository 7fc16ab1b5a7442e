/** What a machine is to be: values, validated and immutable. Nothing here opens, makes or asks for anything of the host's but links in a path. */
@NullMarked
package io.javisor.machine.config;

import org.jspecify.annotations.NullMarked;
