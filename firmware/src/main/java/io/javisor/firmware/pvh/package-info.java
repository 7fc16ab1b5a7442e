/** The PVH boot ABI (Xen docs/misc/pvh.pandoc, xen/include/public/arch-x86/hvm/start_info.h). */
@NullMarked
package io.javisor.firmware.pvh;

import org.jspecify.annotations.NullMarked;
