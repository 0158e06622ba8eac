# Two modes: mass of the first over time. Set before: here (this folder), in (the curves), out.
width = 1700; height = 1000
load here.'/style.gp'
array names[8] = ['transport', 'langevin', 'birth-death', 'wfr', 'ift-positive', 'ift-gradient', 'ift-newton', 'ift-linearized']
array labels[8] = ['transport', 'Langevin', 'Langevin + birth-death', 'spherical WFR', 'IFT, positive', 'IFT, gradient', 'IFT, newton', 'IFT, linearized']
array shade[8] = [color[1], color[1], color[2], color[4], color[3], '#17a2a2', green, '#9ecae1']
array dashes[8] = [1, 3, 1, 1, 1, 1, 1, 1]
set title 'KL to two Gaussians in the proportion 0.3 to 0.7, 500 particles started in 0.9 to 0.1' textcolor rgb '#202124'
set xlabel 'transport time' textcolor rgb '#3c4043'
set ylabel 'mass of the first mode' textcolor rgb '#3c4043'
set xrange [0:6]
set yrange [0.2:1]
set key top right Left reverse samplen 2 spacing 1.2 at graph 0.98, 0.8
plot 0.3 with lines linewidth 1.5 dashtype 2 linecolor rgb red title 'target', \
     for [k = 1:8] in using (column(names[k].' time')):names[k] with lines linewidth 2.2 dashtype dashes[k] linecolor rgb shade[k] title labels[k]
