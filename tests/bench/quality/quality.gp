# MMD^2 over particles or, for the most of them, over seconds; a problem a panel. Set before: here (the folder of style.gp), in (the
# folder of curves), over (particles or seconds), out.
width = 2000; height = 1300
load here.'/style.gp'
set datafile separator whitespace
array problems[5] = ['faithful', 'gaussian', 'mixture', 'ten', 'fifty']
array titles[5] = ['Old Faithful', 'a Gaussian in the plane', 'a mixture in the plane', 'a mixture, d = 10', 'a curved surface, d = 50']
array least[5] = [1e-12, 5e-18, 5e-18, 1e-8, 1e-6]
# One hue a family; what is not of this library is dashed.
array names[15] = ['compress', 'spherical-ift insert', 'spherical-ift', 'projected-mmd', 'spherical-wfr', 'wasserstein', 'spherical-mmd', \
  'published code', 'Frank-Wolfe', 'kernel herding', 'k-means + weights', 'random + weights', 'random subset', 'SciPy L-BFGS-B', 'PyTorch Adam']
array hues[15] = ['#c0392b', '#08519c', '#4a90c2', '#17a2b8', '#8e6bbf', '#5f6368', '#d4a017', \
  '#e08a3c', '#3f8f4f', '#7fbf7b', '#00695c', '#9c8aa5', '#b0b4b9', '#202124', '#202124']
width_of(k) = k == 1 ? 3 : 1.8
dash_of(k) = k < 8 ? 1 : k < 15 ? 2 : 3
curve(what, p, k) = in.'/'.what.'/'.problems[p].'/'.names[k]
is_there(what, p, k) = int(system('test -s "'.curve(what, p, k).'" && printf 1 || printf 0'))
shown(what, p, k) = is_there(what, p, k) ? curve(what, p, k) : in.'/none'
# 0 has no logarithm
positive(x) = x > 1e-17 ? x : 1e-17
set logscale xy
set format y '10^{%T}'
if (over eq 'particles') { set xrange [8:125]; set xtics (10, 20, 50, 100) } else { set xrange [1e-4:30]; set format x '10^{%T}' }
set multiplot layout 2, 3 margins 0.05, 0.985, 0.07, 0.965 spacing 0.045, 0.115
do for [p = 1:5] {
  set yrange [least[p]:2]
  set title titles[p] offset 0, -0.5 textcolor rgb '#202124'
  set xlabel over offset 0, 0.4 textcolor rgb '#3c4043'
  set ylabel p % 3 == 1 ? 'MMD^2' : '' textcolor rgb '#3c4043'
  way = over eq 'particles' ? over : 'way'
  end = over eq 'particles' ? over : 'end'
  plot for [k = 15:1:-1] shown(way, p, k) using 1:(positive($2)) with lines \
         linewidth width_of(k) dashtype dash_of(k) linecolor rgb hues[k] notitle, \
       for [k = 15:1:-1] shown(end, p, k) using 1:(positive($2)) with points \
         pointtype 7 pointsize 0.9 linecolor rgb hues[k] notitle
}
unset border; unset tics; unset xlabel; unset ylabel; unset title; unset grid
set key center center Left reverse samplen 4 spacing 1.2 maxcols 1
set yrange [1:2]
plot 1 linecolor rgb '#ffffff' notitle, for [k = 1:15] keyentry with lines linewidth width_of(k) dashtype dash_of(k) \
  linecolor rgb hues[k] title is_there('end', 1, k) ? names[k] : ''
unset multiplot
