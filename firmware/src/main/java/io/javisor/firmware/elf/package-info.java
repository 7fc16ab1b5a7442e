/** ELF images: reader, checks, notes (System V gABI chapters 4 and 5). */
@NullMarked
package io.javisor.firmware.elf;

import org.jspecify.annotations.NullMarked;
